/* Files that commands write. Netlists come from strangers: results go into the present folder or below it, into
 * files whose endings say that they hold data, and never through names that hide. */
#include "control/interp.h"

#include <errno.h>
#include <string.h>

enum { LONGEST_NAME = 200 };

static bool has_ending(pn_str s)
{
  static const char *const endings[] = {".raw", ".txt",  ".csv", ".dat", ".data",
                                        ".out", ".log",  ".tsv", ".prn", ".res",
                                        ".asc", ".meas", ".png", ".svg", ".pdf"};
  for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
    size_t n = strlen(endings[k]);
    if (s.n > n && pn_str_is((pn_str){s.p + s.n - n, n}, endings[k]))
      return true;
  }
  return false;
}

const char *pn_file_fault(const pn_control *c, pn_str name)
{
  if (c->host->untrusted)
    return "is not written: an untrusted netlist writes no files";
  if (!name.n || name.n > LONGEST_NAME)
    return "is no name for a file";
  if (name.p[0] == '/' || name.p[0] == '~')
    return "is not written: results go to the present folder or below it";
  for (size_t k = 0; k < name.n; k++) {
    bool starts = k == 0 || name.p[k - 1] == '/';
    unsigned char ch = (unsigned char)name.p[k];
    if (ch < 32 || ch == 127)
      return "is no name for a file";
    if (starts && ch == '.' && !(k + 1 < name.n && name.p[k + 1] == '/'))
      return "is not written: names may not begin with '.'";
    if (starts && ch == '-')
      return "is not written: names may not begin with '-'";
  }
  if (!has_ending(name))
    return "is not written: the ending should say that it holds data (.raw .txt .csv .dat .data "
           ".out "
           ".log .tsv .prn .res .asc .meas)";
  return NULL;
}

FILE *pn_control_file(pn_control *c, pn_str name, size_t at, const char *mode)
{
  const char *fault = pn_file_fault(c, name);
  if (fault) {
    pn_control_error(c, at, "'%.*s' %s", PN_FMT(name), fault);
    return NULL;
  }
  FILE *f = fopen(name.p, mode); /* words end with a zero byte */
  if (!f)
    pn_control_error(c, at, "cannot write '%.*s': %s", PN_FMT(name), strerror(errno));
  return f;
}
