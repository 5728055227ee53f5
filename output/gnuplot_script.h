/* Inside of the gnuplot output: one script under way in a temporary folder. */
#ifndef PN_OUTPUT_GNUPLOT_SCRIPT_H
#define PN_OUTPUT_GNUPLOT_SCRIPT_H

#include "output/gnuplot.h"

#include <stdio.h>

enum { PN_GP_FOLDER = 256 };

typedef struct pn_gp {
  char folder[PN_GP_FOLDER];
  const char *out_file;
  FILE *script, *data;
  long long data_bytes; /* written to `data` so far */
  int width, height;    /* pixels (or what corresponds in a PDF) */
  char *why;            /* [room] */
  size_t room;
} pn_gp;

/* Makes the folder, opens script and data, writes the terminal's settings. Call pn_gp_close
 * in any case afterwards. */
pn_status pn_gp_open(pn_gp *g, const char *out_file, int width, int height, char *why, size_t room);
/* Runs gnuplot and moves the picture to its place. */
pn_status pn_gp_run(pn_gp *g);
void pn_gp_close(pn_gp *g);

/* Writes a text as a gnuplot string in which nothing is interpreted. At most `most` characters are
 * kept (0: all). */
void pn_gp_string(pn_gp *g, const char *text, int most);
/* A picture's title as the label with this number and place ("1 at screen 0,0.9"), in a bold font that fits
 * into `pixels`; what does not fit is cut. */
void pn_gp_title(pn_gp *g, const char *text, const char *place, int pixels);
/* Name of the file with the data, as a gnuplot string. */
void pn_gp_data_name(pn_gp *g);
void pn_gp_data(pn_gp *g, const double *values, size_t n);
/* Number of characters of an UTF-8 text. */
int pn_gp_length(const char *text);

/* Power of ten and SI prefix that bring `largest` between 1 and 1000; 1 and "" for units
 * that take no prefix. */
double pn_gp_prefix(double largest, const char *unit, const char **prefix);

/* Thins a curve to what a picture can show, in place: extremes of narrow stripes when x
 * rises or falls throughout, else points that lie on others go. Returns the new length. */
long pn_gp_thin(double *x, double *y, long n, bool logx, bool logy);

/* Colours of the viridis scale as #rrggbb; at in [0, 1]. */
void pn_gp_viridis(double at, char colour[8]);

#endif
