// Launches: what gpu/emulator/module.py calls, one entry for each kernel that was asked for.
//
// A guarded launch runs in a child process, on copies of the arrays between forbidden memory, close to one side of it:
//
//     | forbidden GiB | slack  x[0] x[1] ... x[n-1] | forbidden GiB |
//     | forbidden GiB | x[0] x[1] ... x[n-1]  slack | forbidden GiB |
//
// Addresses cost no memory, and an index that is wrong in a row is far off.
// so that reading or writing beyond an array ends the child, which reports who did it. Arrays that the kernel takes as
// const may not be written at all.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <type_traits>
#include <utility>

#include "block.h"

namespace emulator {

// As gpu/emulator/module.py writes it.
struct Settings {
    unsigned grid[3], block[3];
    uint64_t shared_bytes;
    int order;     // 0 forward, 1 reverse, from 2 on a seed
    int poison;    // the byte that shared memory holds before it is written
    int guarded;   // 0 no; 1 arrays end where a forbidden page begins; 2 they begin where one ends
    int seconds;   // a guarded launch may take
    int watched_argument;  // -1: none
    int watched_bytes;
    uint64_t watched_offset;
};

struct Argument {
    void* pointer;    // of an array: its memory; otherwise where the value lies
    uint64_t bytes;   // of an array, for guarded launches
    int alignment;    // of an array, in bytes, for guarded launches
    int is_array;
};

// What a kernel declares, one for each parameter.
struct Parameter {
    int bytes;        // of the value, or of what the pointer points to
    int is_pointer, is_const;
    char kind;        // f floating, i signed, u unsigned, b bool, V anything else
};

struct Dynamic {  // all memory that `extern __shared__` can name, and how much of it a launch may use
    char* begin;
    size_t bytes;
};
constexpr int MOST_ARGUMENTS = 32;
static Dynamic dynamic_memory();  // written at the end of each compiled file
constexpr size_t OVERRUN_BYTES = 1024;

static thread_local volatile char anchor;  // makes sure that there is shared memory, and that this thread has it

template <class T>
constexpr char kind_of() {
    if (std::is_same_v<T, bool>) return 'b';
    if (std::is_integral_v<T>) return std::is_signed_v<T> ? 'i' : 'u';
    return std::is_floating_point_v<T> || std::is_same_v<T, __half> ? 'f' : 'V';
}

template <class T>
constexpr Parameter parameter_of() {
    using Pointee = std::remove_pointer_t<T>;
    using Value = std::remove_cv_t<Pointee>;
    constexpr int bytes = [] {
        if constexpr (std::is_void_v<Value>) return 1;
        else return static_cast<int>(sizeof(Value));
    }();
    return {bytes, std::is_pointer_v<T>, std::is_pointer_v<T> && std::is_const_v<Pointee>, kind_of<Value>()};
}

template <auto K>
struct Kernel;
template <class... A, void (*K)(A...)>
struct Kernel<K> {
    static_assert(sizeof...(A) <= MOST_ARGUMENTS, "the emulator passes no more arguments to a kernel");
    template <size_t... I>
    static void call(void** values, std::index_sequence<I...>) {
        K(*static_cast<std::remove_cv_t<A>*>(values[I])...);
    }
    static void run_thread(void** values) { call(values, std::index_sequence_for<A...>{}); }
    static int parameters(Parameter* out) {
        const Parameter all[] = {parameter_of<A>()..., Parameter{}};
        for (size_t i = 0; i < sizeof...(A); i++) out[i] = all[i];
        return sizeof...(A);
    }
};

static void check_overrun(const Dynamic& dynamic, uint64_t asked) {
    for (size_t i = asked; i < std::min<size_t>(dynamic.bytes, asked + OVERRUN_BYTES); i++)
        if (static_cast<unsigned char>(dynamic.begin[i]) != poison)
            return note(SHARED_OVERRUN, {}, "dynamic shared memory is written at byte %zu, the launch asked for %llu",
                        i, static_cast<unsigned long long>(asked));
}

static void run_grid(const Settings& settings, void** values) {
    grid_dim = {settings.grid[0], settings.grid[1], settings.grid[2]};
    block_dim = {settings.block[0], settings.block[1], settings.block[2]};
    thread_count = block_dim.x * block_dim.y * block_dim.z;
    body_arguments = values;
    idle = nullptr;
    for (Fiber* fiber : all_fibers) {  // an error may have left threads in the middle of a kernel
        restart(fiber, run_threads);
        fiber->next_idle = idle;
        idle = fiber;
    }
    anchor = 0;
    shared = shared_memory(reinterpret_cast<const void*>(&run_grid));
    const Dynamic dynamic = dynamic_memory();
    poison = static_cast<unsigned char>(settings.poison);

    Random random = {static_cast<uint64_t>(settings.order) * 0x9E3779B97F4A7C15ull + 1};
    const uint64_t blocks = uint64_t(grid_dim.x) * grid_dim.y * grid_dim.z;
    std::vector<uint64_t> blocks_in_order(blocks);
    arrange(blocks_in_order.data(), blocks, settings.order, random);
    for (const uint64_t number : blocks_in_order) {
        block_index = {unsigned(number % grid_dim.x), unsigned(number / grid_dim.x % grid_dim.y),
                       unsigned(number / grid_dim.x / grid_dim.y)};
        // Not the far end of the dynamic memory: no launch can ask for so much that it would not show before.
        const size_t used = std::min<size_t>(dynamic.bytes, settings.shared_bytes + OVERRUN_BYTES);
        char *const end = shared.begin + shared.bytes, *const gap = dynamic.bytes == 0 ? end : dynamic.begin + used;
        memset(shared.begin, poison, static_cast<size_t>(gap - shared.begin));
        if (dynamic.bytes != 0) {
            char* const after = dynamic.begin + dynamic.bytes;
            memset(after, poison, static_cast<size_t>(end - after));
        }
        run_block(settings.order, random);
        if (dynamic.bytes != 0) check_overrun(dynamic, settings.shared_bytes);
        if (report->kind) return;
    }
}

// ---- guarded launches

constexpr size_t FORBIDDEN_BYTES = size_t(1) << 30;

struct Guard {
    char *memory, *array;
    size_t bytes, mapped;
};
static Guard guards[MOST_ARGUMENTS];
static int guard_count;

static void on_fault(int signal, siginfo_t* info, void* context) {
    const auto machine = static_cast<ucontext_t*>(context);
#if defined(__x86_64__)
    const auto code = static_cast<uint64_t>(machine->uc_mcontext.gregs[REG_RIP]);
    report->access = (machine->uc_mcontext.gregs[REG_ERR] & 2) != 0;
#else
    const auto code = static_cast<uint64_t>(machine->uc_mcontext.pc);
    report->access = -1;
#endif
    report->code = code_at(code);
    const auto address = static_cast<char*>(info->si_addr);
    report->argument = -1;
    for (int i = 0; i < guard_count; i++) {
        if (address < guards[i].memory || address >= guards[i].memory + guards[i].mapped) continue;
        report->argument = i;
        report->offset = address - guards[i].array;
    }
    note(signal == SIGSEGV || signal == SIGBUS ? OUTSIDE_ARRAY : CRASH, {}, "signal %d", signal);
    _exit(0);
}

static void run_child(const Settings& settings, void** values) {
    static char stack[64 << 10];
    stack_t alternate = {};
    alternate.ss_sp = stack;
    alternate.ss_size = sizeof stack;
    sigaltstack(&alternate, nullptr);
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) sigaction(signal, &action, nullptr);
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);  // or each of several runs would print, or none, or half a line
    signal(SIGALRM, SIG_DFL);
    if (signal(SIGINT, SIG_DFL) == SIG_IGN) signal(SIGINT, SIG_IGN);  // Ctrl-C ends it at once
    alarm(static_cast<unsigned>(settings.seconds));
    run_grid(settings, values);
    _exit(0);
}

static void run_guarded(const Settings& settings, const Argument* arguments, void** values,
                        const Parameter* parameters, int count) {
    void* pointers[MOST_ARGUMENTS];
    guard_count = 0;
    for (int i = 0; i < count; i++) {
        guards[i] = {};
        guard_count = i + 1;
        if (!arguments[i].is_array || arguments[i].pointer == nullptr) continue;
        const size_t bytes = arguments[i].bytes, inner = (bytes / PAGE_BYTES + 1) * PAGE_BYTES;
        const size_t mapped = inner + 2 * FORBIDDEN_BYTES, align = static_cast<size_t>(arguments[i].alignment);
        void* memory = mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) return note(CRASH, {}, "no memory for the guarded copies");
        const auto start = static_cast<char*>(memory);
        guards[i] = {start, nullptr, 0, mapped};
        char* const middle = start + FORBIDDEN_BYTES;
        memory = mmap(middle, inner, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (memory == MAP_FAILED) return note(CRASH, {}, "no memory for the guarded copies");
        char* array = middle + (settings.guarded == 1 ? (inner - bytes) / align * align : 0);
        memcpy(array, arguments[i].pointer, bytes);
        if (parameters[i].is_const) mprotect(middle, inner, PROT_READ);
        guards[i] = {start, array, bytes, mapped};
        pointers[i] = array;
        values[i] = &pointers[i];
        if (settings.watched_argument == i) {
            watched = array + settings.watched_offset;
            memcpy(watched_before, watched, watched_bytes);
        }
    }
    const pid_t child = fork();
    if (child == 0) run_child(settings, values);
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (child < 0) note(CRASH, {}, "fork failed");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        note(CRASH, {}, "it has not ended after %d s", settings.seconds);
    else if (WIFSIGNALED(status))
        note(CRASH, {}, "its process ended with signal %d", WTERMSIG(status));
    for (int i = 0; i < count; i++) {
        if (guards[i].memory == nullptr) continue;
        if (!parameters[i].is_const) memcpy(arguments[i].pointer, guards[i].array, guards[i].bytes);
        munmap(guards[i].memory, guards[i].mapped);
    }
}

template <auto K>
void launch(const Settings* settings, const Argument* arguments, Report* result) {
    void *pointers[MOST_ARGUMENTS], *values[MOST_ARGUMENTS];
    Parameter parameters[MOST_ARGUMENTS];
    const int count = Kernel<K>::parameters(parameters);
    report = result;
    body = Kernel<K>::run_thread;
    watched = nullptr;
    watched_bytes = static_cast<unsigned>(settings->watched_bytes);
    for (int i = 0; i < count; i++) {
        pointers[i] = arguments[i].pointer;
        values[i] = arguments[i].is_array ? &pointers[i] : arguments[i].pointer;
    }
    if (settings->guarded)
        run_guarded(*settings, arguments, values, parameters, count);
    else
        run_grid(*settings, values);
}

}  // namespace emulator

// One kernel that can be launched, by a number: C++ names of templates are no names for C.
#define EMULATOR_ENTRY(number, ...)                                                                               \
    extern "C" __attribute__((visibility("default"))) void emulator_launch_##number(                              \
        const emulator::Settings* settings, const emulator::Argument* arguments, emulator::Report* report) {      \
        emulator::launch<__VA_ARGS__>(settings, arguments, report);                                               \
    }                                                                                                             \
    extern "C" __attribute__((visibility("default"))) int emulator_parameters_##number(emulator::Parameter* out) { \
        return emulator::Kernel<__VA_ARGS__>::parameters(out);                                                    \
    }
