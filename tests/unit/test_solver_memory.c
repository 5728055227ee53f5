/* Claim: when the k-th allocation fails, for every k, the solvers return PN_E_MEMORY (or do without, as KLU
 * when a block cannot be made smaller) and leak nothing. Allocations inside SUNDIALS are not failed: its
 * 6.4.1 crashes in SUNContext_Create; solver/ida.c asks for its room beforehand. */
#define _GNU_SOURCE /* dladdr */
#include "solver/integrator.h"
#include "solver/linsol.h"

#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#ifndef __SANITIZE_ADDRESS__ /* its own malloc cannot be replaced */

static bool counting;  /* the code under test is running */
static long countdown; /* allocations until one fails; < 0: none does */
static long live;      /* blocks allocated and not freed since counting began */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);

static bool did_fail; /* an allocation has failed */

/* Whether the allocation asked for from `caller` is to fail. */
static bool fails(void *caller)
{
  Dl_info from;
  if (!counting || (dladdr(caller, &from) && from.dli_fname && strstr(from.dli_fname, "sundials")))
    return false;
  bool now = countdown-- == 0;
  did_fail |= now;
  return now;
}

static void *counted(void *p)
{
  live += counting && p;
  return p;
}

void *malloc(size_t size)
{
  return fails(__builtin_return_address(0)) ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
  return fails(__builtin_return_address(0)) ? NULL : counted(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
  if (fails(__builtin_return_address(0)))
    return NULL;
  void *q = __libc_realloc(p, size);
  live += counting && q && !p;
  return q;
}

void free(void *p)
{
  live -= counting && p;
  __libc_free(p);
}

/* Runs `work` with the k-th allocation failing, k = 0, 1, ..., until none fails any more. */
static void fail_every_allocation(pn_status (*work)(void))
{
  for (long k = 0;; k++) {
    live = 0;
    countdown = k;
    did_fail = false;
    counting = true;
    pn_status st = work();
    counting = false;
    long leaked = live;
    ck_assert_msg(leaked == 0, "allocation %ld: %ld blocks leaked", k, leaked);
    ck_assert_msg(st == PN_OK || (did_fail && st == PN_E_MEMORY), "allocation %ld: %s", k,
                  pn_status_name(st));
    if (!did_fail)
      return;
  }
}

static pn_status use_linsol(void)
{
  static const int colptr[] = {0, 2, 5, 7}, rowind[] = {0, 1, 0, 1, 2, 1, 2};
  static const double values[] = {4, -1, -1, 4, -1, -1, 4};
  double complex z[7], c[3] = {1, 2, 3};
  double b[3] = {1, 2, 3};
  for (int k = 0; k < 7; k++)
    z[k] = values[k];
  pn_linsol *s;
  pn_status st = pn_linsol_klu(3, colptr, rowind, &s, NULL);
  if (!st)
    st = pn_linsol_factor(s, values, NULL);
  if (!st)
    st = pn_linsol_solve(s, b);
  if (!st)
    st = pn_linsol_factor_complex(s, z, NULL);
  if (!st)
    st = pn_linsol_solve_complex(s, c);
  pn_linsol_free(s);
  return st;
}

/* Cells of 2 x 2 with an inner node each, from which the bit node is driven less than it drives. */
static pn_status use_cells(void)
{
  enum { N = 12 };
  int colptr[N + 1] = {0}, rowind[N * N], nnz = 0;
  double values[N * N], a[N][N] = {{0}}, b[N];
  static const int wire[][2] = {{0, 1}, {2, 3}, {4, 6}, {5, 7}};
  pn_linsol_cell cell[4];
  for (int k = 0; k < 4; k++) {
    int p = wire[k][0], q = wire[k][1], w = k, bit = 4 + k, in = 8 + k;
    cell[k] = (pn_linsol_cell){in, 1};
    a[p][p] += 1.5, a[q][q] += 1, a[p][q] -= 1, a[q][p] -= 1;
    a[w][w] += 0.1, a[in][in] += 0.3, a[w][in] -= 0.1, a[in][w] -= 0.1;
    a[bit][bit] += 0.1, a[bit][in] -= 0.2, a[in][bit] -= 0.1;
  }
  for (int j = 0; j < N; j++) {
    b[j] = j;
    for (int i = 0; i < N; i++)
      if (a[i][j] != 0) {
        rowind[nnz] = i;
        values[nnz++] = a[i][j];
      }
    colptr[j + 1] = nnz;
  }
  pn_linsol_array shape = {2, 2, 0, 4, -1, false, true};
  pn_linsol_setup setup = {.n = N,
                           .colptr = colptr,
                           .rowind = rowind,
                           .kind = PN_LINSOL_CROSSBAR,
                           .arrays = &shape,
                           .n_arrays = 1,
                           .cells = cell,
                           .n_cells = 4};
  pn_linsol *s;
  pn_status st = pn_linsol_new(&setup, &s, NULL);
  if (!st)
    st = pn_linsol_factor(s, values, NULL);
  if (!st)
    st = pn_linsol_solve(s, b);
  if (!st)
    st = pn_linsol_solve_transposed(s, b);
  pn_linsol_free(s);
  return st;
}

static pn_status residual(void *user, double t, double cj, const double *y, const double *yp,
                          double *r)
{
  (void)user, (void)t, (void)cj;
  r[0] = yp[0] + y[0];
  return PN_OK;
}

static pn_status setup(void *user, double t, double cj, const double *y, const double *yp)
{
  (void)t, (void)y, (void)yp;
  *(double *)user = 1 + cj;
  return PN_OK;
}

static pn_status solve(void *user, double cj, double *r, double accuracy)
{
  (void)cj, (void)accuracy;
  r[0] /= *(double *)user;
  return PN_OK;
}

static pn_status fq(void *user, double t, const double *y, double *f, double *q)
{
  (void)user, (void)t;
  f[0] = q[0] = y[0];
  return PN_OK;
}

static void events(void *user, double t, const double *y, double *ev)
{
  (void)user, (void)t;
  ev[0] = y[0] - 0.5;
}

static pn_status use_integrator(const char *method)
{
  double jacobian, y = 1, yp = -1, atol = 1e-6, t = 0;
  unsigned char differential = 1;
  pn_dae dae = {.user = &jacobian,
                .n = 1,
                .reltol = 1e-4,
                .atol = &atol,
                .differential = &differential,
                .residual = residual,
                .setup = setup,
                .solve = solve,
                .fq = fq,
                .n_events = 1,
                .events = events};
  pn_integrator *g;
  pn_step_kind kind = PN_STEP_TAKEN;
  pn_status st = pn_integrator_new(method, &dae, 0, &y, &yp, 0, &g);
  while (!st && kind != PN_STEP_STOP)
    st = pn_integrator_step(g, 1, 1, &t, &kind);
  pn_integrator_free(g);
  return st;
}

static pn_status use_ida(void)
{
  return use_integrator("ida");
}

static pn_status use_trbdf2(void)
{
  return use_integrator("trbdf2");
}

START_TEST(klu_survives)
{
  fail_every_allocation(use_linsol);
}
END_TEST

START_TEST(cells_survive)
{
  fail_every_allocation(use_cells);
}
END_TEST

START_TEST(ida_survives)
{
  fail_every_allocation(use_ida);
}
END_TEST

START_TEST(trbdf2_survives)
{
  fail_every_allocation(use_trbdf2);
}
END_TEST

static void add_tests(TCase *tc)
{
  tcase_add_test(tc, klu_survives);
  tcase_add_test(tc, cells_survive);
  tcase_add_test(tc, trbdf2_survives);
  tcase_add_test(tc, ida_survives);
}

#else

static void add_tests(TCase *tc)
{
  (void)tc;
}

#endif

int main(void)
{
  Suite *suite = suite_create("solver_memory");
  TCase *tc = tcase_create("every allocation fails once");
  add_tests(tc);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}
