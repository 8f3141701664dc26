/* Stochastic gradient descent of a multilayer perceptron in straightforward C: dense loops over one image at a
 * time; the gradients of a batch are summed, then one step is taken. W has shape (n_in, n_out), so that the inner
 * loops run over contiguous memory and the compiler can vectorise them. No intrinsics, no sparsity, no threads. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

enum { RELU = 1, SOFTMAX = 2, QUADRATIC = 4 };

static void forward(const float *W, const float *b, const float *x, float *restrict z, int64_t n_in, int64_t n_out) {
    for (int64_t j = 0; j < n_out; j++) z[j] = b[j];
    for (int64_t i = 0; i < n_in; i++)
        for (int64_t j = 0; j < n_out; j++) z[j] += x[i] * W[i * n_out + j];
}

static void activate(float *z, int64_t n, int relu, int softmax) {
    if (softmax) {
        float most = z[0], sum = 0;
        for (int64_t j = 1; j < n; j++) most = z[j] > most ? z[j] : most;
        for (int64_t j = 0; j < n; j++) sum += z[j] = expf(z[j] - most);
        for (int64_t j = 0; j < n; j++) z[j] /= sum;
    } else if (relu) {
        for (int64_t j = 0; j < n; j++) z[j] = z[j] > 0 ? z[j] : 0;
    } else {
        /* with -ffast-math, division may use an approximate reciprocal, and then 1 / infinity is not a number */
        for (int64_t j = 0; j < n; j++) z[j] = 1 / (1 + expf(z[j] > -80 ? -z[j] : 80));
    }
}

/* delta of the layer below: W delta, times the derivative of the activation a. */
static void backward(const float *W, const float *delta, const float *a, float *below, int64_t n_in, int64_t n_out,
                     int relu) {
    for (int64_t i = 0; i < n_in; i++) {
        float sum = 0;
        for (int64_t j = 0; j < n_out; j++) sum += W[i * n_out + j] * delta[j];
        below[i] = relu ? (a[i] > 0 ? sum : 0) : sum * a[i] * (1 - a[i]);
    }
}

static void add_gradient(float *restrict G, float *restrict g, const float *x, const float *delta, int64_t n_in,
                         int64_t n_out) {
    for (int64_t i = 0; i < n_in; i++)
        for (int64_t j = 0; j < n_out; j++) G[i * n_out + j] += x[i] * delta[j];
    for (int64_t j = 0; j < n_out; j++) g[j] += delta[j];
}

/* One epoch over images (n_images, sizes[0]) in `order`; parameters are (W, b), layer by layer. */
int train_epoch(const float *images, const int64_t *labels, const int64_t *order, const int64_t *sizes,
                float *parameters, int64_t n_used, int64_t batch, int64_t layers, float rate, int kind) {
    int64_t n_parameters = 0, n_units = 0, widest = 0, n_out = sizes[layers];
    for (int64_t l = 0; l < layers; l++) n_parameters += (sizes[l] + 1) * sizes[l + 1];
    for (int64_t l = 1; l <= layers; l++) n_units += sizes[l], widest = sizes[l] > widest ? sizes[l] : widest;
    float *gradient = calloc(n_parameters, sizeof(float)), *units = malloc(n_units * sizeof(float));
    float *delta = malloc(widest * sizeof(float)), *below = malloc(widest * sizeof(float));
    int failed = !gradient || !units || !delta || !below;
#ifdef __SSE__ /* treat denormals as zero, as in a program linked with -ffast-math, but only until this returns */
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
#endif

    for (int64_t first = 0; first < n_used && !failed; first += batch) {
        for (int64_t k = first; k < first + batch; k++) {
            const float *image = images + order[k] * sizes[0], *x = image;
            float *W = parameters, *a = units;
            for (int64_t l = 0; l < layers; l++) {
                int last = l == layers - 1;
                forward(W, W + sizes[l] * sizes[l + 1], x, a, sizes[l], sizes[l + 1]);
                activate(a, sizes[l + 1], !last && (kind & RELU), last && (kind & SOFTMAX));
                W += (sizes[l] + 1) * sizes[l + 1];
                x = a;
                a += sizes[l + 1];
            }
            a -= n_out; /* the outputs */
            for (int64_t j = 0; j < n_out; j++) {
                delta[j] = a[j] - (labels[order[k]] == j);
                if (kind & QUADRATIC) delta[j] *= a[j] * (1 - a[j]);
            }
            for (int64_t l = layers - 1; l >= 0; l--) {
                W -= (sizes[l] + 1) * sizes[l + 1];
                a = l > 0 ? a - sizes[l] : NULL; /* input of layer l */
                float *G = gradient + (W - parameters);
                add_gradient(G, G + sizes[l] * sizes[l + 1], l > 0 ? a : image, delta, sizes[l], sizes[l + 1]);
                if (l > 0) {
                    backward(W, delta, a, below, sizes[l], sizes[l + 1], kind & RELU);
                    float *swap = delta;
                    delta = below;
                    below = swap;
                }
            }
        }
        for (int64_t p = 0; p < n_parameters; p++) parameters[p] -= rate / batch * gradient[p];
        memset(gradient, 0, n_parameters * sizeof(float));
    }
#ifdef __SSE__
    _mm_setcsr(before);
#endif
    free(gradient), free(units), free(delta), free(below);
    return failed;
}
