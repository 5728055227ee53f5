/* The tables of Gauss-Kronrod quadrature on 15 nodes (Kronrod 1965; digits of QUADPACK's QK15: Piessens,
 * de Doncker-Kapenga, Ueberhuber and Kahaner 1983), and collocation weights made from them. */
#include "solver/quadrature.h"

#include <stdbool.h>

enum { N = PN_GK_NODES, HALF = 8 };

/* Nodes on (-1, 1), the positive ones in falling order, and their weights. */
static const double NODES[HALF] = {
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
    0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
    0.586087235467691130294144691045720, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245, 0.0};
static const double KRONROD[HALF] = {
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
    0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
    0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
static const double GAUSS[HALF] = {
    0.0, 0.129484966168869693270611432679082, 0.0, 0.279705391489276667901467771423780,
    0.0, 0.381830050505118944950369775488975, 0.0, 0.417959183673469387755102040816327};

/* Legendre polynomials P_0 ... P_N at z in [-1, 1]. */
static void legendre(double z, double *p)
{
  p[0] = 1;
  p[1] = z;
  for (int k = 1; k < N; k++)
    p[k + 1] = ((2 * k + 1) * z * p[k] - k * p[k - 1]) / (k + 1);
}

/* a [N][N] into its inverse, by Gauss-Jordan elimination with row pivoting. */
static void invert(double a[N][N], double inverse[N][N])
{
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      inverse[i][j] = i == j;
  for (int c = 0; c < N; c++) {
    int p = c;
    for (int i = c + 1; i < N; i++)
      if (a[i][c] * a[i][c] > a[p][c] * a[p][c])
        p = i;
    double pivot = a[p][c];
    for (int j = 0; j < N; j++) {
      double t = a[p][j], u = inverse[p][j];
      a[p][j] = a[c][j];
      inverse[p][j] = inverse[c][j];
      a[c][j] = t / pivot;
      inverse[c][j] = u / pivot;
    }
    for (int i = 0; i < N; i++) {
      double factor = a[i][c];
      for (int j = 0; j < N && i != c; j++) {
        a[i][j] -= factor * a[c][j];
        inverse[i][j] -= factor * inverse[c][j];
      }
    }
  }
}

/* With f = sum_k c_k P_k through the nodes, the integral of P_k from -1 to z is
 * (P_k+1(z) - P_k-1(z)) / (2k + 1); that of P_0 is 1 + z. */
static void running_weights(pn_gk *q)
{
  double values[N][N], inverse[N][N], p[N + 1];
  for (int j = 0; j < N; j++) {
    legendre(2 * q->node[j] - 1, p);
    for (int k = 0; k < N; k++)
      values[j][k] = p[k];
  }
  invert(values, inverse);
  for (int j = 0; j < N; j++) {
    legendre(2 * q->node[j] - 1, p);
    for (int l = 0; l < N; l++) {
      double sum = (1 + p[1]) * inverse[0][l];
      for (int k = 1; k < N; k++)
        sum += (p[k + 1] - p[k - 1]) / (2 * k + 1) * inverse[k][l];
      q->running[j][l] = 0.5 * sum;
    }
  }
}

void pn_gk_init(pn_gk *q)
{
  for (int j = 0; j < N; j++) {
    int half = j < HALF ? j : N - 1 - j;
    q->node[j] = 0.5 + (j < HALF ? -0.5 : 0.5) * NODES[half];
    q->weight[j] = 0.5 * KRONROD[half];
    q->gauss[j] = 0.5 * GAUSS[half];
  }
  running_weights(q);
}
