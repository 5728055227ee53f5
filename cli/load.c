/* Loading a netlist from a file or from standard input. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* All of standard input in malloc'd memory; NULL when it cannot be read. */
static char *read_input(size_t *len)
{
  size_t room = 1 << 16;
  char *text = malloc(room);
  *len = 0;
  while (text) {
    *len += fread(text + *len, 1, room - *len, stdin);
    if (*len < room)
      break;
    char *more = realloc(text, room *= 2);
    if (!more)
      free(text);
    text = more;
  }
  if (text && ferror(stdin)) {
    free(text);
    text = NULL;
  }
  return text;
}

int load_netlist(const char *path, const pinch_load_options *o, pinch_circuit **c)
{
  if (strcmp(path, "-") != 0)
    return pinch_load_file(path, o, c);
  size_t len;
  char *text = read_input(&len);
  if (!text) {
    o->message(o->user, PINCH_ERROR, "error: standard input cannot be read");
    return -1;
  }
  int code = pinch_load_text(text, len, "<stdin>", o, c);
  free(text);
  return code;
}
