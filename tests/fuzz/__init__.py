"""A structure-aware fuzzer of the front half of the compiler; see __main__.py."""
