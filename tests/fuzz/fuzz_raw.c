/* libFuzzer target: the rawfile reader of `pinch plot`, over any bytes. The reader works on a FILE, so the
 * bytes go through a file in memory (memfd) reached by its name in /proc. */
#define _GNU_SOURCE
#include "output/rawread.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_columns(pn_raw_file *r, int plot)
{
  const pn_raw_plot *p = &r->plots[plot];
  int vars[2] = {0, p->n_vars - 1};
  double complex *out[2];
  size_t room = (size_t)p->n_points + 1;
  for (int k = 0; k < 2; k++)
    out[k] = calloc(room, sizeof *out[k]);
  if (p->n_vars > 0 && out[0] && out[1])
    pn_raw_columns(r, plot, vars, 2, out);
  free(out[0]);
  free(out[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[64];
  int fd = memfd_create("raw", 0);
  if (fd < 0)
    return 0;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  if (write(fd, data, size) == (ssize_t)size) {
    pn_raw_file r;
    if (pn_raw_open(path, &r) == PN_OK)
      for (int k = 0; k < r.n_plots; k++)
        read_columns(&r, k);
    pn_raw_close(&r);
  }
  close(fd);
  return 0;
}
