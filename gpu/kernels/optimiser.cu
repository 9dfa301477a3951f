// SGD, Adam and AdamW: one step of all parameters at once, one thread for each number.
//
//     model      weight           bias    weight                  parameters side by side in one buffer
//     theta      . . . . . . . .  . .     . . . . . . .           read, and written
//     b (m, v)   . . . . . . . .  . .     . . . . . . .           read, and written: what is kept between steps
//     g          . . . . . . . .  . .     . . . . . . .           read: gathered for this step
//
// A thread reads each of its numbers once, computes the whole step in registers, and writes each once. With array
// functions every product and every sum of the formula goes through memory, for each parameter anew.
//
// Lowest architecture: compute capability 7.5, the lowest that CUDA 13 knows. To gain: computed, for each number of a
// parameter SGD with momentum moves 7 through memory, those of gathering included, where array functions move 12, and
// Adam 9 in place of 30; a small model, which waits for launches, takes two in place of 5 or 13 for each parameter. A
// device may fuse a product and a sum, and round once less than array functions: then the last bit differs. Not yet run
// on a device.

// g = (-1 with maximize) * g + weight_decay * theta;  b = momentum * b + (1 - dampening) * g, the first b is g;
// theta = theta - lr * b, or with nesterov theta - lr * (g + momentum * b); without momentum there is no b, but g.
template <typename T>
__global__ void sgd(const T* g, T* theta, T* b, long long count, double lr, double momentum, double dampening,
                    double weight_decay, bool nesterov, bool maximize, bool first) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    T step = maximize ? -g[at] : g[at];
    if (weight_decay != 0) step = step + T(weight_decay) * theta[at];
    if (b) {
        const T velocity = first ? step : T(momentum) * b[at] + T(1 - dampening) * step;
        b[at] = velocity;
        step = nesterov ? step + T(momentum) * velocity : velocity;
    }
    theta[at] -= T(lr) * step;
}

// g = g + weight_decay * theta;  m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g * g;
// theta = theta - lr * m / (sqrt(v) / root + eps), where lr and root hold the corrections of step t:
// lr / (1 - beta1**t) and sqrt(1 - beta2**t). `largest`, where there is one, is the largest v so far, which then stands in
// the quotient; g is first multiplied by -1 with maximize; theta shrinks by shrink * theta beside the step.
template <typename T>
__global__ void adam(const T* g, T* theta, T* m, T* v, T* largest, long long count, double lr, double root,
                     double beta1, double beta2, double eps, double weight_decay, double shrink, bool maximize) {
    const long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    T slope = maximize ? -g[at] : g[at];
    if (weight_decay != 0) slope = slope + T(weight_decay) * theta[at];
    const T mean = T(beta1) * m[at] + T(1 - beta1) * slope;
    T square = T(beta2) * v[at] + T(1 - beta2) * (slope * slope);
    m[at] = mean, v[at] = square;
    if (largest) {
        if (square < largest[at]) square = largest[at];
        largest[at] = square;
    }
    T change = T(lr) * (mean / (T(sqrt(square)) / T(root) + T(eps)));
    if (shrink != 0) change += T(shrink) * theta[at];
    theta[at] -= change;
}
