/* Runs a netlist whose last point, and log with statistics, a test looks at. */
#ifndef PN_TESTS_LAST_POINT_H
#define PN_TESTS_LAST_POINT_H

#include "pinch/pinch.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { MOST_COLUMNS = 4096 };

typedef struct result {
  int n, skip;                /* columns in front that are left out */
  double value[MOST_COLUMNS]; /* [n] */
  char log[1 << 14];
} result;

static void last_begin(void *user, const pinch_result *r)
{
  result *t = user;
  ck_assert_int_le(r->n_columns, MOST_COLUMNS);
  t->n = r->n_columns - t->skip;
}

static void last_point(void *user, const double *row)
{
  result *t = user;
  memcpy(t->value, row + t->skip, (size_t)t->n * sizeof *row);
}

static void last_log(void *user, const char *text)
{
  result *t = user;
  size_t n = strlen(t->log);
  snprintf(t->log + n, sizeof t->log - n, "%s\n", text);
}

static void last_message(void *user, pinch_severity severity, const char *text)
{
  (void)user;
  if (severity == PINCH_ERROR)
    fprintf(stderr, "%s\n", text);
}

static void run_to_last(const char *text, int skip, result *r)
{
  pinch_load_options lo = pinch_load_options_default();
  lo.message = last_message;
  pinch_circuit *c;
  ck_assert_int_eq(pinch_load_text(text, strlen(text), "test", &lo, &c), 0);
  pinch_run_options o = pinch_run_options_default();
  *r = (result){.skip = skip};
  o.user = r;
  o.tables = false;
  o.stats = true;
  o.result_begin = last_begin;
  o.result_point = last_point;
  o.log = last_log;
  ck_assert_int_eq(pinch_run(c, &o), 0);
  pinch_circuit_free(c);
}

#endif
