/* Counter-based random numbers: the published generator, and laws drawn from it. */
#include "base/random.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* Known answers of Random123's test vectors (kat_vectors, philox4x32 10). */
START_TEST(philox_gives_the_published_numbers)
{
  const uint32_t counters[][4] = {
      {0, 0, 0, 0}, {~0u, ~0u, ~0u, ~0u}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}};
  const uint32_t keys[][2] = {{0, 0}, {~0u, ~0u}, {0xa4093822, 0x299f31d0}};
  const uint32_t answers[][4] = {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
                                 {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
                                 {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
  for (int k = 0; k < 3; k++) {
    uint32_t out[4];
    pn_philox(counters[k], keys[k], out);
    for (int j = 0; j < 4; j++)
      ck_assert_uint_eq(out[j], answers[k][j]);
  }
}
END_TEST

START_TEST(moments_are_those_of_the_laws)
{
  pn_random_key k = {.seed = 3, .device = pn_random_hash(PN_STR("x1.n1")), .purpose = 1};
  enum { N = 100000 };
  double u1 = 0, n1 = 0, n2 = 0, n4 = 0, e1 = 0;
  for (uint32_t j = 0; j < N; j++) {
    double u = pn_random_uniform(&k, j), n = pn_random_normal(&k, j);
    ck_assert(u > 0 && u < 1 && isfinite(n));
    u1 += u / N;
    n1 += n / N;
    n2 += n * n / N;
    n4 += n * n * n * n / N;
    e1 += pn_random_exponential(&k, j) / N;
  }
  ck_assert_double_eq_tol(u1, 0.5, 4 * 0.2887 / sqrt(N));
  ck_assert_double_eq_tol(n1, 0, 4 / sqrt(N));
  ck_assert_double_eq_tol(n2, 1, 4 * sqrt(2.0 / N));
  ck_assert_double_eq_tol(n4, 3, 4 * sqrt(96.0 / N));
  ck_assert_double_eq_tol(e1, 1, 4 / sqrt(N));
}
END_TEST

START_TEST(streams_of_other_purposes_runs_and_devices_differ)
{
  pn_random_key a = {.seed = 3, .device = 1, .run = 0, .purpose = 1}, b = a, c = a, d = a, e = a;
  b.purpose = 2;
  c.run = 1;
  d.device = 2;
  e.seed = 4;
  double x = pn_random_uniform(&a, 5), many[21];
  pn_random_uniforms(&a, 3, 21, many);
  for (uint32_t k = 0; k < 21; k++)
    ck_assert(many[k] == pn_random_uniform(&a, 3 + k));
  ck_assert(x != pn_random_uniform(&b, 5) && x != pn_random_uniform(&c, 5));
  ck_assert(x != pn_random_uniform(&d, 5) && x != pn_random_uniform(&e, 5));
  ck_assert(x == pn_random_uniform(&a, 5));
}
END_TEST

int main(void)
{
  Suite *s = suite_create("random");
  TCase *t = tcase_create("philox");
  tcase_add_test(t, philox_gives_the_published_numbers);
  tcase_add_test(t, moments_are_those_of_the_laws);
  tcase_add_test(t, streams_of_other_purposes_runs_and_devices_differ);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
