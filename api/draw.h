/* Drawing from rawfiles: one request is one picture. */
#ifndef PN_API_DRAW_H
#define PN_API_DRAW_H

#include "api/api.h"
#include "output/rawread.h"

typedef struct pn_drawing {
  const char *out_file;
  const char *title;          /* NULL: the file's */
  const char *const *signals; /* [n_signals]; 0: a sensible choice */
  int n_signals;
  const char *const *x; /* [n_x] none: the scale; one for all curves; or one per signal */
  int n_x;
  bool logx, logy;
} pn_drawing;

enum { PN_MOST_RUNS = 24 /* that one picture shows */ };
/* The runs of a sweep to which a result belongs: results of the same analysis with the same variables, whose
 * swept columns (behind the scale) are constant in each. runs [PN_MOST_RUNS] get at most so many, evenly chosen,
 * labels [..] what was swept, "rload=1k", in the arena. Returns their number; 1: no sweep. */
int pn_runs_of(pn_raw_file *r, int plot, pn_arena *a, int *runs, const char **labels);
/* Keeps of the names [n] those whose values the sweep from run a to run b moves; returns how many. */
int pn_moved_names(pn_raw_file *r, int a, int b, const char **names, int n);
/* Does the file hold an earlier result of the same sweep? */
bool pn_is_later_run(pn_raw_file *r, int plot);

/* Draws curves of one plot of an open file, and of all runs of its sweep. Errors go to the listener. */
pn_status pn_draw_curves(pn_raw_file *r, int plot, const pn_drawing *d, const pn_listener *l);
/* Is a result no curve: poles and zeros, harmonics, or one point of several runs? Its picture. */
bool pn_is_points(const pn_raw_file *r, int plot);
pn_status pn_draw_points(pn_raw_file *r, int plot, const pn_drawing *d, const pn_listener *l);
/* Draws a heat map (pinch_plot_options.map). */
pn_status pn_draw_map(pn_raw_file *r, int plot, const pinch_plot_options *o, const pn_listener *l);
/* Is o->map a column of a result that has one cell in each row, or one to be folded? */
bool pn_is_cells(const pn_raw_plot *p, const pinch_plot_options *o);
/* Draws such a result as a heat map, from a rawfile or from the CSV file o->raw_file. */
pn_status pn_draw_cells(pn_raw_file *r, int plot, const pinch_plot_options *o,
                        const pn_listener *l);
pn_status pn_draw_csv(const pinch_plot_options *o, const pn_listener *l);

/* Messages of a diag, for pn_diag_init: user is the listener. */
void pn_tell_message(void *user, pn_severity severity, const char *text);
/* Calls draw(user) with an empty arena, which is the caller's to free, and a diag that tells the listener. All that
 * must survive the end of memory is on the heap. */
typedef pn_status pn_draw_fn(void *user);
pn_status pn_draw_guarded(pn_arena *a, pn_diag *d, const pn_listener *l, pn_draw_fn *draw,
                          void *user);

#endif
