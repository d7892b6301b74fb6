// jalousie-decode: decodes pictures for one home, walled in. Started by the server only; takes no arguments.
#include <unistd.h>

#include "decode/child/serve.h"

int main() {
  // Without the destructors of a hundred libraries, which may ask for what is not there any more.
  ::_exit(jalousie::decode::serve(jalousie::decode::draw));
}
