// Shows each event of the stream beside this page: JSON as toolchain/cli/live.py writes it. Texts
// are set as texts, never as HTML.
const at = (id) => document.getElementById(id);
let paused = false;

function row(entry) {
  const line = document.createElement("tr");
  const name = line.appendChild(document.createElement("th"));
  name.scope = "row";
  name.textContent = entry.label;
  const share = line.appendChild(document.createElement("td"));
  share.className = "number";
  share.textContent = `${(100 * entry.probability).toFixed(1)} %`;
  const room = line.appendChild(document.createElement("td"));
  room.className = "room";
  const track = room.appendChild(document.createElement("span"));
  track.className = "track";
  const bar = track.appendChild(document.createElement("i"));
  bar.style.width = `${100 * entry.probability}%`;
  return line;
}

function show(found) {
  at("picture").src = `data:image/jpeg;base64,${found.picture}`;
  at("picture").hidden = false;
  at("file").textContent = found.file;
  if (at("answer").textContent !== found.top[0].label) at("answer").textContent = found.top[0].label;
  at("top").replaceChildren(...found.top.map(row));
  at("figures").textContent = found.figures;
}

const events = new EventSource("events");
events.onopen = () => { at("state").textContent = "connected"; };
events.onerror = () => { at("state").textContent = "no connection: has hearth live ended?"; };
events.onmessage = (event) => {
  const found = JSON.parse(event.data);
  at("state").textContent = found.ended ? "the source has ended" : `frame ${found.count}`;
  if (!paused) show(found);
};
at("pause").addEventListener("click", () => {
  paused = !paused;
  at("pause").setAttribute("aria-pressed", String(paused));
  at("pause").textContent = paused ? "Go on" : "Pause";
});
