// Constants of the scaler, worked out when it is elaborated.
package hearth_scaler_pkg;
  // Greatest common divisor of two numbers that are not zero.
  function automatic int unsigned gcd(input int unsigned first, input int unsigned second);
    int unsigned rest, next;
    gcd = first;
    rest = second;
    for (int unsigned i = 0; i < 48; i++) begin  // more steps than Euclid needs for 32 bits
      if (rest != 0) begin
        next = gcd % rest;
        gcd = rest;
        rest = next;
      end
    end
  endfunction

  // How often 2 divides a number that is not zero.
  function automatic int unsigned twos(input int unsigned number);
    twos = 0;
    for (int unsigned i = 1; i < 32; i++) begin
      if ((number & ((32'd1 << i) - 32'd1)) == 0) twos = i;
    end
  endfunction

  // For n / divisor = (n * reciprocal) >> shift, rounded down, on every n up to `largest`: with
  // reciprocal = ceil(2^shift / divisor) it is so if (reciprocal * divisor - 2^shift) * largest
  // < 2^shift, since the error is then less than what separates a quotient from the next one
  // (Granlund and Montgomery 1994, "Division by Invariant Integers using Multiplication"). The
  // least such shift.
  function automatic int unsigned shift(input int unsigned divisor, input longint unsigned largest);
    logic found;
    shift = 0;
    found = 1'b0;
    for (int unsigned i = 0; i < 64; i++) begin
      if (!found && excess(divisor, i) * 128'(largest) < (128'd1 << i)) begin
        shift = i;
        found = 1'b1;
      end
    end
  endfunction

  function automatic logic [63:0] reciprocal(input int unsigned divisor, input int unsigned bits);
    reciprocal = 64'(((128'd1 << bits) + 128'(divisor) - 128'd1) / 128'(divisor));
  endfunction

  function automatic logic [127:0] excess(input int unsigned divisor, input int unsigned bits);
    excess = 128'(reciprocal(divisor, bits)) * 128'(divisor) - (128'd1 << bits);
  endfunction
endpackage
