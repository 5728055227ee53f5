/* Runs the steps of a program: blocks, loops and commands. Each command works in an arena of its own that is
 * emptied behind it; memory that ends, and limits, come back here. */
#include "control/interp.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const long MOST_COMMANDS = 5000000; /* a loop without end stops here */

pn_loc pn_control_loc(const pn_control *c)
{
  return c->step->loc;
}

pn_status pn_control_error(pn_control *c, size_t at, const char *fmt, ...)
{
  char text[1024];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  pn_loc loc = c->step->loc;
  if (!c->changed && at < c->step->rest.n) {
    loc.offset += (uint32_t)(c->step->rest_at + at);
    loc.len = 1;
  }
  pn_error(c->diag, loc, "%.*s: %s", PN_FMT(c->step->word), text);
  return PN_E_NETLIST;
}

void pn_put(pn_control *c, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  if (c->redirect) {
    vfprintf(c->redirect, fmt, ap);
  } else {
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *text = PN_NEW_ARRAY(&c->scratch, char, n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, ap);
    c->host->text(c->host->user, text);
  }
  va_end(ap);
}

pn_status pn_control_prepare(pn_control *c, const pn_step *s)
{
  c->step = s;
  c->line = s->rest;
  c->changed = false;
  bool exact = !pn_str_is(s->word, "echo");
  pn_status st = pn_substitute(c, s->rest, exact, &c->line);
  c->changed = !pn_str_eq(c->line, s->rest);
  if (st == PN_OK)
    pn_split_words(c);
  return st;
}

/* ---- guarded work ---- */

typedef pn_status work_fn(pn_control *c, const pn_step *s, void *out);

static pn_status close_redirect(pn_control *c)
{
  FILE *f = c->redirect;
  c->redirect = NULL;
  if (f && (ferror(f) | fclose(f))) /* both: the file is closed in any case */
    return pn_control_error(c, 0, "the file could not be written");
  return PN_OK;
}

/* Calls fn with a recovery point for the scratch arena, which is emptied behind it. */
static pn_status guarded(pn_control *c, const pn_step *s, work_fn *fn, void *out)
{
  jmp_buf env, *outer = c->diag->arena->recover;
  pn_status st = (pn_status)setjmp(env);
  c->step = s;
  if (st) {
    c->diag->arena->recover = outer;
    c->changed = true;
    pn_control_error(
        c, 0, st == PN_E_LIMIT ? "this needs more memory than the limit allows" : "out of memory");
  } else {
    c->scratch.recover = c->diag->arena->recover = &env;
    st = fn(c, s, out);
    if (st == PN_E_LIMIT)
      pn_control_error(c, 0, "the results need more memory than the limit allows");
  }
  c->diag->arena->recover = outer;
  pn_status closed = close_redirect(c);
  c->scratch.recover = NULL;
  pn_arena_free(&c->scratch);
  return st ? st : closed;
}

static pn_status work_command(pn_control *c, const pn_step *s, void *out)
{
  (void)out;
  pn_status st = pn_control_prepare(c, s);
  return st ? st : s->command->run(c);
}

static pn_status work_condition(pn_control *c, const pn_step *s, void *out)
{
  pn_value v;
  pn_status st = pn_control_prepare(c, s);
  if (st == PN_OK)
    st = pn_term_value(c, c->line, 0, &v);
  *(bool *)out = false;
  for (long k = 0; st == PN_OK && k < v.n; k++)
    *(bool *)out |= v.z[k] != 0;
  return st;
}

static pn_status work_count(pn_control *c, const pn_step *s, void *out)
{
  pn_status st = pn_control_prepare(c, s);
  if (st == PN_OK)
    st = pn_term_number(c, c->line, 0, out);
  if (st == PN_OK && !(*(double *)out >= 0 && *(double *)out <= 1e9))
    st = pn_control_error(c, 0, "the number of times must lie between 0 and 1e9");
  return st;
}

/* The words of foreach, kept over its body. */
typedef struct word_list {
  char *text; /* [used] zero-terminated, one behind the other */
  size_t used;
  int n;
} word_list;

static pn_status work_list(pn_control *c, const pn_step *s, void *out)
{
  word_list *list = out;
  pn_status st = pn_control_prepare(c, s);
  if (st)
    return st;
  if (c->n_words < 1)
    return pn_control_error(c, 0, "expected a variable and its values");
  for (int k = 0; k < c->n_words; k++)
    list->used += c->words[k].n + 1;
  if (!(list->text = malloc(list->used)))
    return PN_E_MEMORY;
  char *to = list->text;
  for (int k = 0; k < c->n_words; k++) {
    if (k && (pn_str_is(c->words[k], "(") || pn_str_is(c->words[k], ")")))
      continue;
    memcpy(to, c->words[k].p, c->words[k].n + 1);
    to += c->words[k].n + 1;
    list->n++;
  }
  return PN_OK;
}

/* ---- steps ---- */

static pn_status run_steps(pn_control *c, const pn_steps *steps);

/* Once around a loop's body; *again: the loop goes on. */
static pn_status run_body(pn_control *c, const pn_step *s, bool *again)
{
  pn_status st = run_steps(c, &s->body);
  if (c->leave > 0) {
    c->leave--;
    *again = false;
  }
  c->next = false;
  *again = *again && st == PN_OK && !c->quit;
  return st;
}

static pn_status count(pn_control *c, const pn_step *s)
{
  if (c->host->interrupted(c->host->user))
    return PN_E_INTERRUPTED;
  if (++c->n_done <= MOST_COMMANDS)
    return PN_OK;
  c->step = s;
  c->changed = true;
  return pn_control_error(c, 0, "more than %ld commands: a loop does not seem to end",
                          MOST_COMMANDS);
}

static pn_status run_while(pn_control *c, const pn_step *s)
{
  bool again = true, first = s->kind == PN_STEP_DOWHILE;
  pn_status st = PN_OK;
  while (again && st == PN_OK) {
    st = count(c, s);
    if (st == PN_OK && !first)
      st = guarded(c, s, work_condition, &again);
    if (st == PN_OK && again)
      st = run_body(c, s, &again);
    first = false;
  }
  return st;
}

static pn_status run_repeat(pn_control *c, const pn_step *s)
{
  double times = 0;
  bool again = true;
  pn_status st = guarded(c, s, work_count, &times);
  for (double k = 0; k < times && again && st == PN_OK; k++)
    if ((st = count(c, s)) == PN_OK)
      st = run_body(c, s, &again);
  return st;
}

static pn_status run_foreach(pn_control *c, const pn_step *s)
{
  word_list list = {0};
  bool again = true;
  pn_status st = guarded(c, s, work_list, &list);
  const char *name = list.text, *word = name;
  for (int k = 1; k < list.n && again && st == PN_OK; k++) {
    word += strlen(word) + 1;
    st = pn_setting_put(c, pn_str_of(name), &(pn_str){word, strlen(word)}, 1);
    if (st == PN_OK && (st = count(c, s)) == PN_OK)
      st = run_body(c, s, &again);
  }
  free(list.text);
  return st;
}

static pn_status run_if(pn_control *c, const pn_step *s)
{
  bool yes = false;
  pn_status st = guarded(c, s, work_condition, &yes);
  return st ? st : run_steps(c, yes ? &s->body : &s->else_body);
}

static pn_status run_step(pn_control *c, const pn_step *s)
{
  pn_status st = count(c, s);
  if (st)
    return st;
  switch (s->kind) {
  case PN_STEP_COMMAND:
    return guarded(c, s, work_command, NULL);
  case PN_STEP_IF:
    return run_if(c, s);
  case PN_STEP_WHILE:
  case PN_STEP_DOWHILE:
    return run_while(c, s);
  case PN_STEP_REPEAT:
    return run_repeat(c, s);
  case PN_STEP_FOREACH:
    return run_foreach(c, s);
  case PN_STEP_BREAK:
    c->leave = s->rest.n && s->rest.p[0] >= '1' && s->rest.p[0] <= '9' ? s->rest.p[0] - '0' : 1;
    return PN_OK;
  case PN_STEP_CONTINUE:
    c->next = true;
    return PN_OK;
  }
  return PN_OK;
}

static pn_status run_steps(pn_control *c, const pn_steps *steps)
{
  pn_status st = PN_OK;
  for (size_t k = 0; k < steps->n && st == PN_OK && !c->quit && !c->leave && !c->next; k++)
    st = run_step(c, &steps->at[k]);
  return st;
}

static void free_udfs(pn_control *c)
{
  for (int k = 0; k < c->n_udfs; k++) {
    free(c->udfs[k].name);
    free(c->udfs[k].body);
    for (int j = 0; j < c->udfs[k].n_formals; j++)
      free(c->udfs[k].formals[j]);
  }
  free(c->udfs);
}

/* With a recovery point for messages, which are made outside of commands as well. */
static pn_status run_program(pn_control *c, const pn_program *p)
{
  jmp_buf env, *outer = c->diag->arena->recover;
  pn_status st = (pn_status)setjmp(env);
  if (!st) {
    c->diag->arena->recover = &env;
    st = run_steps(c, &p->steps);
  }
  c->diag->arena->recover = outer;
  return st;
}

pn_status pn_program_run(const pn_program *p, pn_diag *d, const pn_host *host, bool *quit)
{
  pn_control *c = calloc(1, sizeof *c); /* on the heap: it must survive longjmps unchanged */
  *quit = false;
  if (!c)
    return PN_E_MEMORY;
  c->host = host;
  c->diag = d;
  pn_arena_init(&c->scratch, host->most_bytes);
  pn_status st = pn_store_init(&c->store, host->most_bytes);
  if (st == PN_OK)
    st = pn_store_sink(&c->store, &c->sink);
  if (st == PN_OK)
    st = run_program(c, p);
  *quit = c->quit;
  if (c->sink)
    c->sink->close(c->sink);
  pn_store_free(&c->store);
  pn_settings_free(c);
  free_udfs(c);
  pn_arena_free(&c->scratch);
  free(c);
  return st;
}
