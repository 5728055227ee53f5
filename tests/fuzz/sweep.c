/* A fuzz target without chance: takes text files, and gives the target each of them with one token changed, for
 * every token of every line that is not like one before: left out, made empty, made an expression, an equals
 * sign, a parenthesis, a comma, doubled, moved to a continuation line, the rest of the line cut off. The same
 * files give the same inputs everywhere. Usage: sweep_TARGET PART PARTS LONGEST KEPT FILE...: the inputs whose
 * number is PART modulo PARTS, of files of at most LONGEST bytes; the input that fails, or takes longer than a minute, is left
 * in the file KEPT. */
#include <ctype.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void __sanitizer_set_death_callback(void (*callback)(void));

enum { SHAPES = 1 << 18 };

/* What a token becomes: text before it, itself or not, text behind it, the rest of the line or not. */
static const struct {
  const char *before;
  bool token;
  const char *behind;
  bool rest;
} changes[] = {
    {"", false, "", true},      {"{a}", false, "", true}, {"{}", false, "", true},
    {"\"\"", false, "", true},  {"''", false, "", true},  {"=", false, "", true},
    {"(", false, "", true},     {")", false, "", true},   {",", false, "", true},
    {"0", false, "", true},     {"-1", false, "", true},  {"", false, "", false},
    {"\"\"", false, "", false}, {"", true, " ", true},    {"\n+ ", true, "", true},
    {"", true, "=", true},
};

enum { N_CHANGES = sizeof changes / sizeof *changes };

static struct {
  uint8_t *text;
  size_t n, room;
} input;

static const char *kept;
static uint64_t shapes[SHAPES]; /* open addressing; 0 is a free place */

static void keep_input(void)
{
  FILE *f = fopen(kept, "wb");
  if (!f)
    return;
  fwrite(input.text, 1, input.n, f);
  fclose(f);
}

static void too_long(int signal)
{
  static const char text[] = "an input took longer than a minute of the processor\n";
  (void)signal;
  ssize_t told = write(STDERR_FILENO, text, sizeof text - 1);
  (void)told;
  keep_input();
  _exit(1);
}

static void put(const char *text, size_t n)
{
  if (input.n + n > input.room) {
    input.room = 2 * (input.n + n);
    input.text = realloc(input.text, input.room);
    if (!input.text)
      abort();
  }
  memcpy(input.text + input.n, text, n);
  input.n += n;
}

static uint64_t shape_of(const char *line, size_t n)
{
  uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
  bool digit = false;
  for (size_t k = 0; k < n; k++) {
    int c = tolower((unsigned char)line[k]);
    bool now = isdigit(c) || (c == '.' && digit);
    if (!now || !digit)
      h = (h ^ (uint64_t)(now ? '0' : c)) * 0x100000001b3u;
    digit = now;
  }
  return h | 1;
}

static bool seen_before(uint64_t shape)
{
  static int n;
  for (uint64_t k = shape % SHAPES;; k = (k + 1) % SHAPES) {
    if (shapes[k] == shape)
      return true;
    if (!shapes[k]) {
      if (++n == SHAPES) {
        fprintf(stderr, "more than %d kinds of lines\n", SHAPES - 1);
        exit(1);
      }
      shapes[k] = shape;
      return false;
    }
  }
}

static bool in_word(char c)
{
  return isalnum((unsigned char)c) || (c && strchr("_.$:#@-+", c));
}

static size_t token_end(const char *text, size_t at, size_t end)
{
  if (!in_word(text[at]))
    return at + 1;
  while (at < end && in_word(text[at]))
    at++;
  return at;
}

typedef struct job {
  unsigned long part, parts, made, run;
  const char *text;
  size_t n;
} job;

static void try_token(job *j, size_t from, size_t to, size_t line_end)
{
  for (int k = 0; k < N_CHANGES; k++) {
    if (j->made++ % j->parts != j->part)
      continue;
    input.n = 0;
    put(j->text, from);
    put(changes[k].before, strlen(changes[k].before));
    if (changes[k].token)
      put(j->text + from, to - from);
    put(changes[k].behind, strlen(changes[k].behind));
    if (changes[k].token && changes[k].behind[0] == ' ')
      put(j->text + from, to - from);
    put(j->text + (changes[k].rest ? to : line_end), j->n - (changes[k].rest ? to : line_end));
    setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = 60}, NULL);
    LLVMFuzzerTestOneInput(input.text, input.n);
    j->run++;
  }
}

static void sweep(job *j)
{
  for (size_t at = 0; at < j->n;) {
    const char *newline = memchr(j->text + at, '\n', j->n - at);
    size_t end = newline ? (size_t)(newline - j->text) : j->n;
    if (end - at < 400 && j->text[at] != '*' && !seen_before(shape_of(j->text + at, end - at)))
      for (size_t k = at; k < end;) {
        size_t to = token_end(j->text, k, end);
        if (!isspace((unsigned char)j->text[k]))
          try_token(j, k, to, end);
        k = to;
      }
    at = end + 1;
  }
}

static bool sweep_file(job *j, const char *path, size_t longest)
{
  FILE *f = fopen(path, "rb");
  char *text = malloc(longest + 1);
  if (!f || !text) {
    fprintf(stderr, "cannot read '%s'\n", path);
    if (f)
      fclose(f);
    free(text);
    return false;
  }
  j->n = fread(text, 1, longest + 1, f);
  j->text = text;
  fclose(f);
  if (j->n <= longest)
    sweep(j);
  free(text);
  return true;
}

int main(int n, char **arg)
{
  if (n < 6) {
    fprintf(stderr, "usage: %s PART PARTS LONGEST KEPT FILE...\n", arg[0]);
    return 2;
  }
  job j = {.part = strtoul(arg[1], NULL, 10), .parts = strtoul(arg[2], NULL, 10)};
  size_t longest = strtoul(arg[3], NULL, 10);
  kept = arg[4];
  input.text = malloc(input.room = 1 << 16);
  if (!input.text || !j.parts || j.part >= j.parts || !longest) {
    fprintf(stderr, "%s: a part beyond the parts, files of no bytes, or no memory\n", arg[0]);
    return 2;
  }
  __sanitizer_set_death_callback(keep_input);
  signal(SIGPROF, too_long);
  for (int k = 5; k < n; k++)
    if (!sweep_file(&j, arg[k], longest))
      return 1;
  free(input.text);
  printf("%lu of %lu inputs tried\n", j.run, j.made);
  return 0;
}
