// A link to a kernel opens its figures and goes there.
function show() {
  const found = document.getElementById(location.hash.slice(1));
  if (found instanceof HTMLDetailsElement) {
    found.open = true;
    found.querySelector("summary").focus();
  }
}
addEventListener("hashchange", show);
addEventListener("click", (event) => {
  if (event.target.closest("a[href^='#']")) setTimeout(show); // the same link a second time, too
});
show();
