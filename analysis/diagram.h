/* A bifurcation diagram being drawn: points of curves collected by branch and stability, special points
 * as marks, and the picture at the end. */
#ifndef PN_ANALYSIS_DIAGRAM_H
#define PN_ANALYSIS_DIAGRAM_H

#include "analysis/analysis.h"

/* How a point is drawn. Curves are broken where the branch or the kind changes. */
typedef enum pn_mark {
  PN_MARK_STABLE,
  PN_MARK_UNSTABLE,
  PN_MARK_CYCLE,
  PN_MARK_CYCLE_UNSTABLE,
  PN_MARK_CYCLE_LOW,
  PN_MARK_CYCLE_LOW_UNSTABLE,
  PN_MARK_FOLD,
  PN_MARK_BRANCH,
  PN_MARK_HOPF,
  PN_MARK_CYCLE_FOLD,
  PN_MARK_DOUBLING,
  PN_MARK_TORUS,
  PN_MARKS
} pn_mark;

typedef struct pn_diagram {
  struct {
    double *x, *y;
    long n, room;
    int branch;
  } curve[PN_MARKS];
  int last
      [3]; /* the last mark of equilibria, of cycles' highest and of their lowest values, or -1 */
} pn_diagram;

/* The next cycles begin curves of their own. */
void pn_diagram_new_cycles(pn_diagram *d);

pn_status pn_diagram_add(pn_diagram *d, pn_mark mark, int branch, double x, double y);
void pn_diagram_free(pn_diagram *d);
/* Draws into `file`; a failure of gnuplot is a warning, not an error of the analysis. */
void pn_diagram_draw(const pn_diagram *d, const pn_run *r, const char *file, const char *title,
                     const char *x_label, const char *x_unit, const char *y_label,
                     const char *y_unit);

#endif
