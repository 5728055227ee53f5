/* Options of ngspice: each is honoured, or has no effect and says why; what is not known is told. */
#include "analysis/analysis.h"

#include <check.h>
#include <stdlib.h>

static pn_arena arena;

static const char *set(pn_options *o, const char *key, const char *text, double num)
{
  pn_arg arg = {.key = pn_str_of(key), .text = pn_str_of(text), .is_num = !*text, .num = num};
  return pn_options_set(&arena, o, &arg);
}

START_TEST(numbers_are_honoured)
{
  pn_options o = pn_options_default();
  ck_assert_ptr_null(set(&o, "reltol", "", 1e-5));
  ck_assert_ptr_null(set(&o, "VNTOL", "", 1e-7));
  ck_assert_ptr_null(set(&o, "abstol", "", 1e-13));
  ck_assert_ptr_null(set(&o, "gmin", "", 1e-11));
  ck_assert_ptr_null(set(&o, "rshunt", "", 1e12));
  ck_assert_ptr_null(set(&o, "itl1", "", 200));
  ck_assert_ptr_null(set(&o, "itl2", "", 60));
  ck_assert_ptr_null(set(&o, "maxord", "", 3));
  ck_assert_ptr_null(set(&o, "temp", "", 50));
  ck_assert_ptr_null(set(&o, "tnom", "", 25));
  ck_assert_ptr_null(set(&o, "defl", "", 2e-6));
  ck_assert_ptr_null(set(&o, "defw", "", 3e-6));
  ck_assert_ptr_null(set(&o, "defas", "", 4e-12));
  ck_assert_ptr_null(set(&o, "defad", "", 5e-12));
  ck_assert_ptr_null(set(&o, "gminsteps", "", 0));
  ck_assert_ptr_null(set(&o, "srcsteps", "", 0));
  ck_assert_ptr_null(set(&o, "ptransteps", "", 0));
  ck_assert_ptr_null(set(&o, "maxstep", "", 1e-9));
  ck_assert_ptr_null(set(&o, "jobs", "", 3));
  ck_assert_ptr_null(set(&o, "seed", "", 11));
  ck_assert_double_eq(o.reltol, 1e-5);
  ck_assert_double_eq(o.vntol, 1e-7);
  ck_assert_double_eq(o.abstol, 1e-13);
  ck_assert_double_eq(o.gmin, 1e-11);
  ck_assert_double_eq(o.rshunt, 1e12);
  ck_assert_int_eq(o.itl1, 200);
  ck_assert_int_eq(o.itl2, 60);
  ck_assert_int_eq(o.max_order, 3);
  ck_assert_double_eq_tol(o.temp, 323.15, 1e-12);
  ck_assert_double_eq_tol(o.tnom, 298.15, 1e-12);
  ck_assert_double_eq(o.defl, 2e-6);
  ck_assert_double_eq(o.defw, 3e-6);
  ck_assert_double_eq(o.defas, 4e-12);
  ck_assert_double_eq(o.defad, 5e-12);
  ck_assert_int_eq(o.gminsteps + o.srcsteps + o.ptransteps, 0);
  ck_assert_double_eq(o.max_step, 1e-9);
  ck_assert_int_eq(o.jobs, 3);
  ck_assert_uint_eq(o.seed, 11);
}
END_TEST

START_TEST(methods_are_honoured)
{
  static const char *const methods[] = {"trap", "gear", "ida", "trbdf2", "auto"};
  pn_options o = pn_options_default();
  for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
    ck_assert_ptr_null(set(&o, "method", methods[k], 0));
    ck_assert_str_eq(o.method, methods[k]);
  }
  ck_assert_ptr_nonnull(set(&o, "method", "euler", 0));
}
END_TEST

START_TEST(idle_options_say_why)
{
  static const char *const names[] = {
      "trtol",        "chgtol",      "itl3",        "itl4",       "itl5",       "pivtol",
      "pivrel",       "limpts",      "lvltim",      "xtrtol",     "convstep",   "convabsstep",
      "itl6",         "convlimit",   "autoconv",    "sparse",     "measdgt",    "cptime",
      "maxwarns",     "warn",        "plotwinsize", "interp",     "keepopinfo", "noinit",
      "noopac",       "nomod",       "node",        "list",       "opts",       "ascii",
      "filetype",     "post",        "brief",       "probe",      "ingold",     "badmos3",
      "trytocompact", "autostop",    "optran",      "maxevtiter", "maxopalter", "ramptime",
      "ngbehavior",   "baudrate",    "numdgt",      "noopiter",   "noacct",     "nopage",
      "klu",          "savecurrents"};
  pn_options o = pn_options_default(), before = o;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    ck_assert_msg(pn_options_idle(pn_str_of(names[k])) != NULL, "%s", names[k]);
    ck_assert_ptr_null(set(&o, names[k], "", 1));
  }
  ck_assert_mem_eq(&o, &before, sizeof o);
}
END_TEST

START_TEST(unknown_options_are_told)
{
  pn_options o = pn_options_default();
  const char *why = set(&o, "retlol", "", 1e-3);
  ck_assert_ptr_nonnull(why);
  ck_assert_str_eq(why, "");
  ck_assert_ptr_null(pn_options_idle(PN_STR("retlol")));
  ck_assert_ptr_nonnull(set(&o, "reltol", "", 5)); /* out of range: why, in words */
}
END_TEST

int main(void)
{
  jmp_buf env;
  pn_arena_init(&arena, 0);
  if (setjmp(env))
    return EXIT_FAILURE;
  arena.recover = &env;
  Suite *s = suite_create("options");
  TCase *t = tcase_create("options");
  tcase_add_test(t, numbers_are_honoured);
  tcase_add_test(t, methods_are_honoured);
  tcase_add_test(t, idle_options_say_why);
  tcase_add_test(t, unknown_options_are_told);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  pn_arena_free(&arena);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
