/* Collecting and drawing bifurcation diagrams. */
#include "analysis/diagram.h"
#include "output/gnuplot.h"

#include <math.h>
#include <stdlib.h>

static pn_status push(pn_diagram *d, pn_mark mark, double x, double y)
{
  long n = d->curve[mark].n;
  if (n == d->curve[mark].room) {
    long room = n ? 2 * n : 256;
    double *more_x = realloc(d->curve[mark].x, (size_t)room * sizeof(double));
    if (more_x)
      d->curve[mark].x = more_x;
    double *more_y = realloc(d->curve[mark].y, (size_t)room * sizeof(double));
    if (more_y)
      d->curve[mark].y = more_y;
    if (!more_x || !more_y)
      return PN_E_MEMORY;
    d->curve[mark].room = room;
  }
  d->curve[mark].x[n] = x;
  d->curve[mark].y[n] = y;
  d->curve[mark].n++;
  return PN_OK;
}

/* Marks of curves come in pairs, stable and unstable: equilibria, highest and lowest values of cycles. */
static int pair_of(pn_mark mark)
{
  return (int)mark / 2;
}

/* Where a curve changes its stability the new piece begins at the last point of the old one. */
static pn_status begin_piece(pn_diagram *d, pn_mark mark, int branch)
{
  pn_mark other = (pn_mark)((int)mark ^ 1);
  long n = d->curve[other].n;
  bool goes_on = d->last[pair_of(mark)] == (int)other && d->curve[other].branch == branch;
  pn_status st = d->curve[mark].n ? push(d, mark, NAN, NAN) : PN_OK;
  if (st == PN_OK && goes_on)
    st = push(d, mark, d->curve[other].x[n - 1], d->curve[other].y[n - 1]);
  return st;
}

pn_status pn_diagram_add(pn_diagram *d, pn_mark mark, int branch, double x, double y)
{
  pn_status st = PN_OK;
  bool curve = mark < PN_MARK_FOLD;
  if (curve && (d->curve[mark].branch != branch || d->last[pair_of(mark)] != (int)mark))
    st = begin_piece(d, mark, branch);
  if (st == PN_OK)
    st = push(d, mark, x, y);
  d->curve[mark].branch = branch;
  if (curve)
    d->last[pair_of(mark)] = (int)mark;
  return st;
}

void pn_diagram_new_cycles(pn_diagram *d)
{
  d->last[pair_of(PN_MARK_CYCLE)] = d->last[pair_of(PN_MARK_CYCLE_LOW)] = -1;
}

void pn_diagram_free(pn_diagram *d)
{
  for (int k = 0; k < PN_MARKS; k++) {
    free(d->curve[k].x);
    free(d->curve[k].y);
  }
}

void pn_diagram_draw(const pn_diagram *d, const pn_run *r, const char *file, const char *title,
                     const char *x_label, const char *x_unit, const char *y_label,
                     const char *y_unit)
{
  static const struct {
    const char *label;
    pn_gp_style style;
    int colour;
  } look[PN_MARKS] = {{"stable", PN_GP_LINE, 1},
                      {"unstable", PN_GP_DASHED, 2},
                      {"cycle, stable", PN_GP_LINE, 3},
                      {"cycle, unstable", PN_GP_DASHED, 4},
                      {NULL, PN_GP_LINE, 3},
                      {NULL, PN_GP_DASHED, 4},
                      {"fold", PN_GP_POINTS, 7},
                      {"branch point", PN_GP_SQUARES, 5},
                      {"Hopf", PN_GP_DIAMONDS, 2},
                      {"fold of cycles", PN_GP_POINTS, 4},
                      {"period doubling", PN_GP_SQUARES, 3},
                      {"torus", PN_GP_DIAMONDS, 4}};
  pn_gp_curve curves[PN_MARKS];
  int n = 0;
  char why[256] = "";
  for (int k = 0; k < PN_MARKS; k++)
    if (d->curve[k].n)
      curves[n++] = (pn_gp_curve){.label = look[k].label,
                                  .x = d->curve[k].x,
                                  .y = d->curve[k].y,
                                  .n = d->curve[k].n,
                                  .style = look[k].style,
                                  .colour = look[k].colour};
  pn_gp_panel panel = {.label = y_label, .unit = y_unit, .curves = curves, .n_curves = n};
  pn_gp_figure figure = {.out_file = file,
                         .title = title,
                         .x_label = x_label,
                         .x_unit = x_unit,
                         .is_loop = true,
                         .panels = &panel,
                         .n_panels = 1};
  if (n && pn_gnuplot_curves(&figure, why, sizeof why))
    pn_warn(r->diag, PN_NOWHERE, "no picture: %s", why);
}
