/* Claims about the sparse solver: right answers, singular columns by name, pivots that follow the
 * numbers, complex and transposed systems on one analysis. */
#include "solver/linsol.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N = 60 };

typedef struct matrix {
  int n, nnz;
  int colptr[N + 1], rowind[N * N];
  double complex a[N * N]; /* [nnz] */
} matrix;

static double uniform(uint64_t *seed)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) * 0x1p-53 - 0.5;
}

/* About `per_column` entries in each column and a full diagonal; values over six decades. */
static void random_matrix(matrix *m, int n, int per_column, uint64_t seed)
{
  m->n = n;
  m->nnz = 0;
  for (int j = 0; j < n; j++) {
    m->colptr[j] = m->nnz;
    for (int i = 0; i < n; i++) {
      if (i != j && (uniform(&seed) + 0.5) * n > per_column)
        continue;
      m->rowind[m->nnz] = i;
      double size = pow(10, 6 * uniform(&seed));
      m->a[m->nnz++] = size * (uniform(&seed) + I * uniform(&seed));
    }
  }
  m->colptr[n] = m->nnz;
}

static void real_values(const matrix *m, double *values)
{
  for (int k = 0; k < m->nnz; k++)
    values[k] = creal(m->a[k]);
}

/* max |b - A x| / (|A| |x| + |b|), over rows. */
static double backward_error(const matrix *m, bool real, bool transposed, const double complex *x,
                             const double complex *b)
{
  double complex r[N];
  double size[N], worst = 0;
  for (int i = 0; i < m->n; i++) {
    r[i] = b[i];
    size[i] = cabs(b[i]);
  }
  for (int j = 0; j < m->n; j++)
    for (int p = m->colptr[j]; p < m->colptr[j + 1]; p++) {
      int row = transposed ? j : m->rowind[p], col = transposed ? m->rowind[p] : j;
      double complex term = (real ? creal(m->a[p]) : m->a[p]) * x[col];
      r[row] -= term;
      size[row] += cabs(term);
    }
  for (int i = 0; i < m->n; i++)
    worst = fmax(worst, cabs(r[i]) / size[i]);
  return worst;
}

/* Dense Gaussian elimination with partial pivoting: the reference. */
static void dense_solve(const matrix *m, double *x)
{
  static double a[N][N];
  int n = m->n;
  memset(a, 0, sizeof a);
  for (int j = 0; j < n; j++)
    for (int p = m->colptr[j]; p < m->colptr[j + 1]; p++)
      a[m->rowind[p]][j] = creal(m->a[p]);
  for (int k = 0; k < n; k++) {
    int best = k;
    for (int i = k + 1; i < n; i++)
      best = fabs(a[i][k]) > fabs(a[best][k]) ? i : best;
    for (int j = 0; j < n; j++) {
      double swap = a[k][j];
      a[k][j] = a[best][j];
      a[best][j] = swap;
    }
    double swap = x[k];
    x[k] = x[best];
    x[best] = swap;
    for (int i = k + 1; i < n; i++) {
      double l = a[i][k] / a[k][k];
      for (int j = k; j < n; j++)
        a[i][j] -= l * a[k][j];
      x[i] -= l * x[k];
    }
  }
  for (int k = n - 1; k >= 0; k--) {
    for (int j = k + 1; j < n; j++)
      x[k] -= a[k][j] * x[j];
    x[k] /= a[k][k];
  }
}

START_TEST(sparse_agrees_with_dense)
{
  for (int trial = 1; trial <= 50; trial++) {
    static matrix m;
    uint64_t seed = (uint64_t)trial;
    double values[N * N], x[N], y[N];
    random_matrix(&m, 5 + trial, 4, seed);
    for (int k = 0; k < m.nnz; k++)
      m.a[k] = uniform(&seed) + I * uniform(&seed);
    for (int j = 0; j < m.n; j++)
      for (int p = m.colptr[j]; p < m.colptr[j + 1]; p++)
        if (m.rowind[p] == j)
          m.a[p] += 3;
    real_values(&m, values);
    for (int i = 0; i < m.n; i++)
      x[i] = y[i] = uniform(&seed);
    pn_linsol *s;
    ck_assert_int_eq(pn_linsol_klu(m.n, m.colptr, m.rowind, &s, NULL), PN_OK);
    ck_assert_int_eq(pn_linsol_factor(s, values, NULL), PN_OK);
    ck_assert_int_eq(pn_linsol_solve(s, x), PN_OK);
    dense_solve(&m, y);
    for (int i = 0; i < m.n; i++)
      ck_assert_double_eq_tol(x[i], y[i], 1e-10);
    pn_linsol_free(s);
  }
}
END_TEST

/* Real, complex and transposed systems with one random matrix of n unknowns on one analysis. */
static void all_kinds_agree(pn_linsol *s, const matrix *m, uint64_t seed)
{
  double values[N * N], x[N], xt[N];
  double complex b[N], z[N], zt[N], c[N], w[N];
  real_values(m, values);
  for (int i = 0; i < m->n; i++) {
    b[i] = x[i] = xt[i] = uniform(&seed);
    c[i] = z[i] = zt[i] = uniform(&seed) + I * uniform(&seed);
  }
  ck_assert_int_eq(pn_linsol_factor(s, values, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_factor_complex(s, m->a, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_solve(s, x), PN_OK);
  ck_assert_int_eq(pn_linsol_solve_transposed(s, xt), PN_OK);
  ck_assert_int_eq(pn_linsol_solve_complex(s, z), PN_OK);
  ck_assert_int_eq(pn_linsol_solve_complex_transposed(s, zt), PN_OK);
  for (int i = 0; i < m->n; i++)
    w[i] = x[i];
  ck_assert_double_lt(backward_error(m, true, false, w, b), 1e-9);
  for (int i = 0; i < m->n; i++)
    w[i] = xt[i];
  ck_assert_double_lt(backward_error(m, true, true, w, b), 1e-9);
  ck_assert_double_lt(backward_error(m, false, false, z, c), 1e-9);
  ck_assert_double_lt(backward_error(m, false, true, zt, c), 1e-9);
}

START_TEST(real_complex_and_transposed_share_one_analysis)
{
  for (int trial = 1; trial <= 40; trial++) {
    static matrix m;
    pn_linsol *s;
    random_matrix(&m, 20 + trial, 5, (uint64_t)trial);
    ck_assert_int_eq(pn_linsol_klu(m.n, m.colptr, m.rowind, &s, NULL), PN_OK);
    all_kinds_agree(s, &m, (uint64_t)trial);
    pn_linsol_free(s);
  }
}
END_TEST

START_TEST(a_few_unknowns_are_solved_as_a_full_matrix)
{
  for (int trial = 1; trial <= 120; trial++) {
    static matrix m;
    pn_linsol *s;
    random_matrix(&m, 1 + trial % 12, 3, (uint64_t)trial);
    pn_linsol_setup setup = {.n = m.n, .colptr = m.colptr, .rowind = m.rowind};
    ck_assert_int_eq(pn_linsol_new(&setup, &s, NULL), PN_OK);
    ck_assert_str_eq(pn_linsol_get_stats(s).name, "full matrix");
    all_kinds_agree(s, &m, (uint64_t)trial);
    pn_linsol_free(s);
  }
}
END_TEST

/* [1 1 0; 1 1 0; 0 0 1]: a full matrix leaves it to KLU, which names what is singular; the next
 * matrix is its own again. */
START_TEST(a_few_unknowns_without_a_pivot_are_named)
{
  const int colptr[] = {0, 2, 4, 5}, rowind[] = {0, 1, 0, 1, 2};
  const double bad_values[] = {1, 1, 1, 1, 1}, good_values[] = {2, 1, 1, 2, 1};
  pn_linsol_setup setup = {.n = 3, .colptr = colptr, .rowind = rowind};
  pn_linsol *s;
  int bad = -1;
  double x[] = {3, 3, 5}, y[] = {4, 5, 5};
  ck_assert_int_eq(pn_linsol_new(&setup, &s, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_factor(s, bad_values, &bad), PN_E_SINGULAR);
  ck_assert(bad == 0 || bad == 1);
  ck_assert_int_eq(pn_linsol_factor(s, good_values, &bad), PN_OK);
  ck_assert_int_eq(pn_linsol_solve(s, x), PN_OK);
  ck_assert_int_eq(pn_linsol_solve_transposed(s, y), PN_OK);
  ck_assert(x[0] == 1 && x[1] == 1 && x[2] == 5 && y[0] == 1 && y[1] == 2 && y[2] == 5);
  pn_linsol_free(s);
}
END_TEST

START_TEST(many_right_hand_sides_equal_single_ones)
{
  static matrix m;
  uint64_t seed = 7;
  double values[N * N], many[3 * N], one[3 * N];
  random_matrix(&m, N, 4, seed);
  real_values(&m, values);
  for (int i = 0; i < 3 * N; i++)
    many[i] = one[i] = uniform(&seed);
  pn_linsol *s;
  ck_assert_int_eq(pn_linsol_klu(N, m.colptr, m.rowind, &s, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_factor(s, values, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_solve_many(s, many, 3), PN_OK);
  for (int k = 0; k < 3; k++)
    ck_assert_int_eq(pn_linsol_solve(s, one + k * N), PN_OK);
  for (int i = 0; i < 3 * N; i++)
    ck_assert_double_eq_tol(many[i], one[i], 1e-9 * fabs(one[i]) + 1e-12);
  pn_linsol_free(s);
}
END_TEST

/* Entries swing by 1e12 between factorisations: the pivots must follow. */
START_TEST(refactoring_stays_accurate_when_values_change_by_1e12)
{
  static matrix m;
  uint64_t seed = 3;
  random_matrix(&m, 40, 5, seed);
  pn_linsol *s;
  ck_assert_int_eq(pn_linsol_klu(m.n, m.colptr, m.rowind, &s, NULL), PN_OK);
  for (int round = 0; round < 200; round++) {
    double values[N * N], x[N];
    double complex b[N], w[N];
    for (int k = 0; k < m.nnz; k++)
      m.a[k] = uniform(&seed) * pow(10, 12 * uniform(&seed));
    real_values(&m, values);
    for (int i = 0; i < m.n; i++)
      b[i] = x[i] = uniform(&seed);
    ck_assert_int_eq(pn_linsol_factor(s, values, NULL), PN_OK);
    ck_assert_int_eq(pn_linsol_solve(s, x), PN_OK);
    for (int i = 0; i < m.n; i++)
      w[i] = x[i];
    /* Rows whose solution is rounding noise of the others are not held to their own size. */
    ck_assert_double_lt(pn_linsol_get_stats(s).worst_residual, 1e-10);
    ck_assert(isfinite(backward_error(&m, true, false, w, b)));
  }
  pn_linsol_free(s);
}
END_TEST

START_TEST(small_changes_keep_the_pivots)
{
  static matrix m;
  double values[N * N], b[N] = {1};
  random_matrix(&m, 40, 4, 11);
  real_values(&m, values);
  pn_linsol *s;
  ck_assert_int_eq(pn_linsol_klu(m.n, m.colptr, m.rowind, &s, NULL), PN_OK);
  for (int round = 0; round < 10; round++) {
    for (int k = 0; k < m.nnz; k++)
      values[k] *= 1.001;
    ck_assert_int_eq(pn_linsol_factor(s, values, NULL), PN_OK);
    ck_assert_int_eq(pn_linsol_solve(s, b), PN_OK);
  }
  ck_assert_int_eq(pn_linsol_get_stats(s).factors, 1);
  ck_assert_int_eq(pn_linsol_get_stats(s).refactors, 9);
  pn_linsol_free(s);
}
END_TEST

START_TEST(an_empty_column_is_named_at_analysis)
{
  /* columns 0 and 2 hold entries only in row 0 and row 2; column 1 has none */
  int colptr[] = {0, 2, 2, 4}, rowind[] = {0, 1, 1, 2}, bad = -1;
  pn_linsol *s;
  ck_assert_int_eq(pn_linsol_klu(3, colptr, rowind, &s, &bad), PN_E_SINGULAR);
  ck_assert_int_eq(bad, 1);
  ck_assert_ptr_null(s);
}
END_TEST

/* Whatever the ordering does, the column of the vanished pivot is one of the dependent ones. */
START_TEST(a_vanished_pivot_is_named_in_the_matrix_numbering)
{
  for (int lone = 0; lone < 6; lone++) {
    int colptr[7], rowind[36], bad = -1;
    double values[36];
    for (int j = 0; j < 6; j++) {
      colptr[j] = 6 * j;
      for (int i = 0; i < 6; i++) {
        rowind[6 * j + i] = i;
        values[6 * j + i] = j == lone || i == lone ? 0 : 1.0 / (1 + abs(i - j));
      }
    }
    colptr[6] = 36;
    pn_linsol *s;
    ck_assert_int_eq(pn_linsol_klu(6, colptr, rowind, &s, &bad), PN_OK);
    ck_assert_int_eq(pn_linsol_factor(s, values, &bad), PN_E_SINGULAR);
    ck_assert_int_eq(bad, lone);
    ck_assert_int_eq(pn_linsol_solve(s, values), PN_E_INTERNAL);
    values[7 * lone] = 1;
    ck_assert_int_eq(pn_linsol_factor(s, values, &bad), PN_OK);
    pn_linsol_free(s);
  }
}
END_TEST

START_TEST(values_that_are_not_finite_are_refused)
{
  int colptr[] = {0, 1, 2}, rowind[] = {0, 1};
  double good[] = {1, 2}, nan_in_it[] = {1, NAN}, infinite[] = {INFINITY, 1}, b[] = {1, 2};
  pn_linsol *s;
  ck_assert_int_eq(pn_linsol_klu(2, colptr, rowind, &s, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_factor(s, nan_in_it, NULL), PN_E_DOMAIN);
  ck_assert_int_eq(pn_linsol_factor(s, infinite, NULL), PN_E_DOMAIN);
  ck_assert_int_eq(pn_linsol_factor(s, good, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_solve(s, b), PN_OK);
  ck_assert_double_eq(b[1], 1);
  pn_linsol_free(s);
}
END_TEST

START_TEST(a_system_without_unknowns_is_solved)
{
  int colptr[] = {0};
  double none[1] = {0};
  pn_linsol *s;
  ck_assert_int_eq(pn_linsol_klu(0, colptr, NULL, &s, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_factor(s, none, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_solve(s, none), PN_OK);
  pn_linsol_free(s);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("linsol");
  TCase *tc = tcase_create("klu");
  tcase_add_test(tc, sparse_agrees_with_dense);
  tcase_add_test(tc, real_complex_and_transposed_share_one_analysis);
  tcase_add_test(tc, a_few_unknowns_are_solved_as_a_full_matrix);
  tcase_add_test(tc, a_few_unknowns_without_a_pivot_are_named);
  tcase_add_test(tc, many_right_hand_sides_equal_single_ones);
  tcase_add_test(tc, refactoring_stays_accurate_when_values_change_by_1e12);
  tcase_add_test(tc, small_changes_keep_the_pivots);
  tcase_add_test(tc, an_empty_column_is_named_at_analysis);
  tcase_add_test(tc, a_vanished_pivot_is_named_in_the_matrix_numbering);
  tcase_add_test(tc, values_that_are_not_finite_are_refused);
  tcase_add_test(tc, a_system_without_unknowns_is_solved);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}
