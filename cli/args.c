/* Command-line arguments: options, numbers, and helpful words about wrong ones. */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int usage_error(const char *fmt, ...)
{
  va_list ap;
  fputs("pinch: ", stderr);
  va_start(ap, fmt);
  vfprintf(stderr, fmt, ap);
  va_end(ap);
  fputs("\nTry 'pinch --help'.\n", stderr);
  return EXIT_USAGE;
}

/* Edit distance of two words of at most 31 letters; 99 for longer ones. */
static int distance(const char *a, const char *b)
{
  enum { MOST = 31 };
  int row[MOST + 1], na = (int)strlen(a), nb = (int)strlen(b);
  if (na > MOST || nb > MOST)
    return 99;
  for (int j = 0; j <= nb; j++)
    row[j] = j;
  for (int i = 1; i <= na; i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= nb; j++) {
      int change = diagonal + (a[i - 1] != b[j - 1]);
      int other = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
      diagonal = row[j];
      row[j] = change < other ? change : other;
    }
  }
  return row[nb];
}

static void report_unknown(const char *word, const struct option *longs)
{
  char name[32];
  const char *best = NULL;
  int least = 3;
  snprintf(name, sizeof name, "%.31s", word + strspn(word, "-"));
  name[strcspn(name, "=")] = '\0';
  for (; longs->name; longs++) {
    int d = distance(name, longs->name);
    if (d < least && d < (int)strlen(name)) {
      least = d;
      best = longs->name;
    }
  }
  if (best)
    usage_error("unknown option '%s'; did you mean '--%s'?", word, best);
  else
    usage_error("unknown option '%s'", word);
}

int next_option(int argc, char **argv, const char *shorts, const struct option *longs)
{
  opterr = 0;
  int index = optind; /* the word that will be read, unless operands stand before it */
  int c = getopt_long(argc, argv, shorts, longs, NULL);
  if (c != '?' && c != ':')
    return c;
  const char *word = optind > 0 && optind <= argc && optind > index ? argv[optind - 1]
                                                                    : argv[index];
  if (c == ':')
    usage_error("option '%s' needs an argument", word);
  else if (optopt && strncmp(word, "--", 2) != 0) {
    char letter[3] = {'-', (char)optopt, '\0'};
    report_unknown(word[0] == '-' && strlen(word) > 2 ? word : letter, longs);
  } else if (optopt)
    usage_error("option '%s' takes no argument", word);
  else
    report_unknown(word, longs);
  return '?';
}

bool parse_number(const char *text, double *value)
{
  static const struct {
    const char *suffix;
    double factor;
  } table[] = {{"meg", 1e6}, {"mil", 25.4e-6}, {"t", 1e12},  {"g", 1e9},   {"k", 1e3},  {"m", 1e-3},
               {"u", 1e-6},  {"n", 1e-9},      {"p", 1e-12}, {"f", 1e-15}, {"a", 1e-18}};
  char *end;
  if (!isdigit((unsigned char)text[0]) && !strchr("+-.", text[0]))
    return false;
  *value = strtod(text, &end);
  if (end == text || !isfinite(*value))
    return false;
  for (size_t k = 0; k < sizeof table / sizeof *table; k++)
    if (strncasecmp(end, table[k].suffix, strlen(table[k].suffix)) == 0) {
      *value *= table[k].factor;
      break;
    }
  while (isalpha((unsigned char)*end)) /* suffix and unit */
    end++;
  return *end == '\0';
}

bool take_whole(const char *option, const char *text, long *value)
{
  char *end;
  errno = 0;
  *value = strtol(text, &end, 10);
  if (errno == 0 && end != text && *end == '\0' && *value > 0)
    return true;
  usage_error("%s needs a whole number from 1, not '%s'", option, text);
  return false;
}

bool take_count(const char *option, const char *text, int *value)
{
  enum { MOST = 1000000000 };
  long n;
  if (!take_whole(option, text, &n))
    return false;
  if (n > MOST)
    return usage_error("%s: %s is too many", option, text), false;
  *value = (int)n;
  return true;
}

bool take_picture(const char *option, const char *path)
{
  static const char *const endings[] = {".png", ".svg", ".pdf"};
  size_t n = strlen(path);
  for (size_t k = 0; n > 4 && k < sizeof endings / sizeof *endings; k++)
    if (strcasecmp(path + n - 4, endings[k]) == 0)
      return true;
  usage_error("%s needs a file that ends in .png, .svg or .pdf, not '%s'", option, path);
  return false;
}

static bool parse_size(const char *text, size_t *bytes)
{
  char *end;
  errno = 0;
  double v = strtod(text, &end);
  if (end == text || !(v > 0))
    return false;
  static const char letters[] = "kmgt";
  const char *at = *end ? strchr(letters, tolower((unsigned char)*end)) : NULL;
  for (long k = at ? at - letters + 1 : 0; k > 0; k--)
    v *= 1024;
  end += at != NULL;
  end += tolower((unsigned char)*end) == 'b';
  if (*end || v >= (double)(SIZE_MAX / 2))
    return false;
  *bytes = (size_t)v;
  return true;
}

bool take_size(const char *option, const char *text, size_t *bytes)
{
  if (parse_size(text, bytes))
    return true;
  usage_error("%s needs a size such as 500M or 4G, not '%s'", option, text);
  return false;
}

bool take_dialect(const char *text, const char **dialect)
{
  static const char *const names[] = {"auto", "ngspice", "ltspice", "xyce"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (strcmp(text, names[k]) == 0) {
      *dialect = text;
      return true;
    }
  usage_error("--dialect needs auto, ngspice, ltspice or xyce, not '%s'", text);
  return false;
}

bool add_define(defines *d, char *text)
{
  double value = 1;
  char *equals = strchr(text, '=');
  if (!*text || equals == text)
    return usage_error("-D needs NAME=VALUE, not '%s'", text), false;
  if (equals && !parse_number(equals + 1, &value)) {
    fprintf(stderr, "warning: -D %s has no effect: it is not a number\n", text);
    return true;
  }
  pinch_define *more = realloc(d->at, ((size_t)d->n + 1) * sizeof *more);
  if (!more) {
    d->failed = true;
    return true;
  }
  if (equals)
    *equals = '\0';
  d->at = more;
  d->at[d->n++] = (pinch_define){text, value};
  return true;
}
