/* Uses a type that it does not include. */
struct rs_bad { uint32_t n; };
