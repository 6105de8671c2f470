// What all simulation modules share: run totals and the results file.
//
// Results leave as lines of words in results.txt in the run directory, written when the simulation
// ends (sim/results.py reads them). Totals are written by every probe with blocking assignments, so
// that a count is never lost; only hearth_run_control.sv reads them, and only to notice change.
package hearth_sim_pkg;
  int unsigned beats;   // beats accepted anywhere since the start
  int unsigned errors;  // beats that differ from the golden model, anywhere

  // A run-time number: +name=value on the command line, or `otherwise`.
  function automatic int unsigned plusarg(string name, int unsigned otherwise);
    int unsigned value;
    if ($value$plusargs({name, "=%d"}, value) != 0) return value;
    return otherwise;
  endfunction

  // Path of the golden file of edge `id`: its beats in order, each whole bytes, highest byte first.
  function automatic string golden_file(int unsigned id);
    return $sformatf("golden/edge%0d.bin", id);
  endfunction

  function automatic void report(string line);
    automatic int file = $fopen("results.txt", "a");
    $fdisplay(file, "%s", line);
    $fclose(file);
  endfunction
endpackage
