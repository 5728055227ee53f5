/* Pictures through gnuplot: curves in stacked panels, and heat maps of crossbars. gnuplot is
 * run as a program of its own and gets its data through files; no text of a
 * netlist can become a command of it. */
#ifndef PN_OUTPUT_GNUPLOT_H
#define PN_OUTPUT_GNUPLOT_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

typedef enum pn_gp_style {
  PN_GP_LINE,
  PN_GP_DASHED,
  PN_GP_POINTS, /* filled circles */
  PN_GP_SQUARES,
  PN_GP_DIAMONDS,
  PN_GP_CROSSES,
  PN_GP_CIRCLES, /* open */
  PN_GP_BARS     /* from the axis up to the point */
} pn_gp_style;

typedef struct pn_gp_curve {
  const char *label;   /* NULL: not in the key */
  const double *x, *y; /* [n] in SI units; what is not finite leaves a gap */
  long n;
  pn_gp_style style;
  int colour; /* 1..7 of the palette; 0: by its place among the curves */
} pn_gp_curve;

/* Curves of one unit above a common x axis. */
typedef struct pn_gp_panel {
  const char *label;         /* of the y axis, NULL: the unit's quantity, or the curve's own name */
  const char *unit;          /* "V", "dB", "" */
  bool log;                  /* y axis */
  const pn_gp_curve *curves; /* [n_curves] */
  int n_curves;
} pn_gp_panel;

typedef struct pn_gp_figure {
  const char *out_file; /* .png, .svg or .pdf */
  const char *title;    /* may be NULL */
  const char *x_label, *x_unit;
  bool logx;
  bool is_loop;              /* x is a signal, not the scale: the axes get room around the curve */
  double x_room;             /* share of the x axis left free at both ends */
  const pn_gp_panel *panels; /* [n_panels] from top to bottom */
  int n_panels;
} pn_gp_figure;

typedef struct pn_gp_matrix {
  const char *title;
  int n_rows, n_cols;
  const double *z; /* [n_rows * n_cols] by rows; NAN: no cell */
} pn_gp_matrix;

/* Matrices side by side on one colour scale; row 1 on top. */
typedef struct pn_gp_map {
  const char *out_file, *title;
  const char *x_label, *y_label; /* "bit line", "word line" */
  const char *z_label, *z_unit;
  double z_min, z_max;      /* NAN: from the data */
  int first_row, first_col; /* numbers of the first row and column, at the ticks */
  double x_from, x_step;    /* of columns and rows along a measured axis; steps of 0: the numbers */
  double y_from, y_step;
  const pn_gp_matrix *matrices; /* [n_matrices] */
  int n_matrices;
} pn_gp_map;

/* Both return PN_OK, PN_E_USAGE (the file's name has no known ending), PN_E_FILE (gnuplot is not
 * there or failed, a file cannot be written) or PN_E_MEMORY; why [room] gets a sentence. */
pn_status pn_gnuplot_curves(const pn_gp_figure *f, char *why, size_t room);
pn_status pn_gnuplot_map(const pn_gp_map *m, char *why, size_t room);

/* "Voltage" for "V", ...; "Value" for what has no name. */
const char *pn_gp_quantity(const char *unit);

#endif
