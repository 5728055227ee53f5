/* libpinch: a SPICE for memristors. The whole public interface.
 *
 * The library has no globals, never prints and never exits: messages, text and
 * progress come through callbacks, results through files or a callback. A circuit
 * belongs to one thread at a time; different circuits may run in different threads.
 * Functions that can fail return a code: 0 done, else see pinch_error_text; the
 * category is what the command uses as its exit status (pinch_exit_status). */
#ifndef PINCH_PINCH_H
#define PINCH_PINCH_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PINCH_VERSION "0.1.0"

/* Version of the library linked in. */
const char *pinch_version(void);
const char *pinch_error_name(int code);
const char *pinch_error_text(int code);
/* 0 done, 1 usage, 2 netlist, 3 the analysis failed, 130 interrupted. */
int pinch_exit_status(int code);

typedef enum { PINCH_NOTE, PINCH_WARNING, PINCH_ERROR } pinch_severity;

/* ---- loading ---- */

typedef struct pinch_circuit pinch_circuit; /* an elaborated netlist */

typedef struct pinch_define {
  const char *name;
  double value;
} pinch_define;

typedef struct pinch_load_options {
  unsigned cookie; /* set by pinch_load_options_default; guards against garbage */
  /* Finished messages, several lines each, without the last newline. May be NULL. */
  void (*message)(void *user, pinch_severity severity, const char *text);
  void *user;
  const pinch_define *defines; /* [n_defines] override parameters of the top level */
  int n_defines;
  bool untrusted;    /* read nothing outside the netlist's folder */
  size_t max_memory; /* bytes; 0: 4 GiB */
  long max_elements; /* 0: 20 million */
  const char *
      dialect; /* "ngspice", "ltspice", "xyce"; NULL or "auto": found out. Must outlive the circuit */
} pinch_load_options;
pinch_load_options pinch_load_options_default(void);

/* Out: *c, owned by the caller, NULL on failure. */
int pinch_load_file(const char *path, const pinch_load_options *o, pinch_circuit **c);
int pinch_load_text(const char *text, size_t len, const char *name, const pinch_load_options *o,
                    pinch_circuit **c);
void pinch_circuit_free(pinch_circuit *c);

/* What was read. */
const char *pinch_title(const pinch_circuit *c);
int pinch_count_unknowns(const pinch_circuit *c);
int pinch_count_devices(const pinch_circuit *c);
int pinch_count_analyses(const pinch_circuit *c);

/* Writes the circuit as a flat netlist, in pieces: R, C, L, V and I lines, memristors as resistors at
 * their starting conductance (at 0.1 V), .op, .tran and .ac. Other devices are an error. */
int pinch_expand(pinch_circuit *c, void (*text)(void *user, const char *text), void *user);

/* ---- running ---- */

typedef struct pinch_column {
  const char *name, *type, *unit;
} pinch_column;

typedef struct pinch_result {
  const char *plotname, *analysis;
  int index;
  bool is_complex;
  const pinch_column *columns; /* [n_columns]; column 0 is the scale */
  int n_columns;
} pinch_result;

typedef struct pinch_run_options {
  unsigned cookie;
  const char *raw_file; /* NULL: none */
  bool raw_ascii;
  const char *csv_file; /* NULL: none */
  bool tables;          /* .print tables and .measure results through `text` */
  bool stats;           /* statistics through `text` */
  int jobs;             /* threads for sweeps, products and reads; 0: as the netlist says */
  void (*text)(void *user, const char *text); /* tables, measurements; may be NULL */
  void (*log)(void *user, const char *line);  /* what was done; may be NULL */
  void (*progress)(void *user, const char *analysis, double fraction, double x);
  bool (*interrupted)(void *user); /* polled at every step; may be NULL */
  /* Results as they come; any may be NULL. row [n_columns], or pairs (re, im) when is_complex. */
  void (*result_begin)(void *user, const pinch_result *r);
  void (*result_point)(void *user, const double *row);
  void (*result_end)(void *user, bool complete);
  void (*measured)(void *user, const char *analysis, const char *name, bool ok, double value);
  void *user;
} pinch_run_options;
pinch_run_options pinch_run_options_default(void);

/* Runs every analysis of the netlist. */
int pinch_run(pinch_circuit *c, const pinch_run_options *o);

/* ---- models and plots ---- */

/* Text of `pinch models` (name NULL) and `pinch models NAME`, through text. PN_E_USAGE when unknown. */
int pinch_models(const char *name, void (*text)(void *user, const char *text), void *user);
/* Draws a memristor model's loop at three frequencies, its states' trajectories and its rate over state
 * and voltage: FILE-loop.png, FILE-states.png, FILE-rate.png (.svg, .pdf) of out_file FILE.png.
 * Amplitude and frequency are those from which the loop closes most. Of a device with more terminals, the one
 * picture of its reference page, as out_file. PN_E_USAGE: no such model, or it has no picture. */
int pinch_plot_model(const char *name, const char *out_file,
                     void (*message)(void *user, pinch_severity severity, const char *text),
                     void *user);
/* Writes the reference pages (Markdown, one per model and device, and an index) into a folder. */
int pinch_write_reference(const char *folder);
/* Writes the pages' pictures: NAME.cir and the loop it gives, NAME.svg, for every memristor. */
int pinch_write_pictures(const char *folder,
                         void (*message)(void *user, pinch_severity severity, const char *text),
                         void *user);

/* ---- fitting ---- */

typedef struct pinch_fit_options {
  unsigned cookie;
  const char *model;        /* a memristor's type: "vteam" */
  const char *data_file;    /* CSV with a line of headings: time (s, rising), v (V), i (A) */
  double dt;                /* s between rows when there is no time; 0: there is */
  const pinch_define *free; /* [n_free] parameters to fit, with their starts; NAN: the default */
  int n_free;
  const pinch_define *fixed; /* [n_fixed] others that differ from their defaults */
  int n_fixed;
  bool relative;  /* residuals relative to |i| (plus 1e-3 of its root mean square) */
  double *fitted; /* [n_free] out; may be NULL */
  void (*text)(void *user, const char *text); /* the result with 95 % intervals; may be NULL */
  void (*message)(void *user, pinch_severity severity, const char *text);
  void *user;
} pinch_fit_options;
pinch_fit_options pinch_fit_options_default(void);
/* Least squares of the model's current under the measured voltage to the measured current. */
int pinch_fit(const pinch_fit_options *o);

/* ---- plots ---- */

typedef struct pinch_plot_options {
  unsigned cookie;
  const char *raw_file;
  const char *out_file;       /* .png, .svg or .pdf */
  const char *const *signals; /* [n_signals] expressions of the file's variables */
  int n_signals;
  const char *const *x; /* [n_x] x axis: none: the scale; one for all; or one per signal */
  int n_x;
  int plot_index;    /* 0: the first result in the file */
  const char *title; /* NULL: the file's */
  bool logx, logy;
  /* A heat map instead of curves: a pattern with two '*' that stand for row and column number,
   * "@n_*_*[x]"; one matrix per value of the scale in map_at [n_map_at] (none: the last point). */
  const char *map;
  const double *map_at;
  int n_map_at;
  /* map may also be a column of a result with one cell in each row (columns "row" and "col": .xread,
   * .xprogram, .xsens); raw_file may then be a CSV file. map_fold > 0: any column, so many points in a
   * line of the map. */
  int map_fold;
  void (*message)(void *user, pinch_severity severity, const char *text);
  void *user;
} pinch_plot_options;
pinch_plot_options pinch_plot_options_default(void);
/* Draws with gnuplot, which must be installed. Without signals it draws a choice of its own. */
int pinch_plot(const pinch_plot_options *o);
/* Draws what the netlist's .plot lines name (without any: its .print lines, else a choice of its own),
 * from the rawfile of its run. Several pictures become FILE-1.png, FILE-2.png. */
int pinch_draw(pinch_circuit *c, const char *raw_file, const char *out_file,
               void (*message)(void *user, pinch_severity severity, const char *text), void *user);

#ifdef __cplusplus
}
#endif
#endif
