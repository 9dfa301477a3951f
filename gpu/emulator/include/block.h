// The scheduler: run the threads of a block from barrier to barrier, and the blocks of a grid one after the other.
//
//     thread 0  ------|         |-----|
//     thread 1  ------|         |-----|      a round: each thread runs until it waits or returns;
//     thread 2  ------|         |-----|      when all wait at the same barrier, the next round begins
//               barrier   barrier   end
//
// Within a round the threads run one after the other: forward, backward or shuffled, as the launch says, the last two
// with each warp ahead of the others as far as it can go. A kernel that lacks a barrier gives other results in another
// order. Threads that never wait share one stack: a kernel without barriers runs as a plain loop.
#pragma once

#include <link.h>

#include <vector>

#include "fiber.h"
#include "report.h"

namespace emulator {

struct Dim3 {
    unsigned x, y, z;
    Dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

enum State { READY, AT_BLOCK_BARRIER, AT_WARP_BARRIER, DONE };
constexpr unsigned WARP = 32, LARGEST_BLOCK = 1024, LARGEST_VALUE = 16;

struct Thread {
    Place index;
    State state;
    Fiber* fiber;
    Source at;      // the barrier where it waits
    unsigned mask;  // of the lanes that it waits for
    int vote;       // what it brings to __syncthreads_count and its like
};

static Thread threads[LARGEST_BLOCK];
static Thread* running;
static unsigned thread_count;
static int block_vote_count;
static Dim3 grid_dim, block_dim;
static Place thread_index, block_index;

// Values that lanes show each other: those being shown, and those of the latest exchange, one place for each lane.
// An exchange moves the first to the second, while all lanes that take part are waiting.
static char shown[LARGEST_BLOCK][LARGEST_VALUE], exchanged[LARGEST_BLOCK][LARGEST_VALUE];
static unsigned taking_part[LARGEST_BLOCK / WARP];  // which lanes took part in the warp's latest exchange

static Fiber* idle;
static std::vector<Fiber*> all_fibers;
static void* scheduler;  // its stack, while a thread runs
static void (*body)(void**);
static void** body_arguments;

static unsigned order[LARGEST_BLOCK], started;
static bool starting;

static Place current_block() { return block_index; }
static Place current_thread() { return thread_index; }

// ---- the order of threads and blocks, and random numbers for it (xorshift64*)

enum Order { FORWARD, REVERSE };  // from 2 on: a seed

struct Random {
    uint64_t state;
    uint64_t below(uint64_t bound) {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * 0x2545F4914F6CDD1Dull % bound;
    }
};

template <class Index>
static void arrange(Index* numbers, uint64_t count, int wanted, Random& random) {
    for (uint64_t i = 0; i < count; i++) numbers[i] = static_cast<Index>(wanted == REVERSE ? count - 1 - i : i);
    for (uint64_t i = count; wanted > REVERSE && i > 1; i--) std::swap(numbers[i - 1], numbers[random.below(i)]);
}

// ---- the bytes of a result that are watched, to name the thread that wrote them

static const char* watched;
static unsigned watched_bytes;
static char watched_before[LARGEST_VALUE];

static void look() {
    if (watched == nullptr || memcmp(watched, watched_before, watched_bytes) == 0) return;
    memcpy(watched_before, watched, watched_bytes);
    report->writer_block = block_index;
    report->writer_thread = thread_index;
    report->written = 1;
}

// ---- threads

static void end_copies(), forget_copies();  // see async_copy.h

static void go_back() { emulator_switch(&running->fiber->stack, scheduler); }

static void stop() {
    void* abandoned;
    emulator_switch(&abandoned, scheduler);
    __builtin_unreachable();
}

static void continue_as(Thread* thread) {
    running = thread;
    thread_index = thread->index;
}

// What a fiber does: run a thread to its end, then, while a block is starting, the next one that has not begun.
static void run_threads() {
    for (;;) {
        body(body_arguments);
        look();
        end_copies();
        running->state = DONE;
        Fiber* mine = running->fiber;
        if (starting && ++started < thread_count) {
            continue_as(&threads[order[started]]);
            running->fiber = mine;
        } else {
            mine->next_idle = idle;
            idle = mine;
            go_back();
        }
    }
}

static void resume(Thread* thread) {
    continue_as(thread);
    if (thread->fiber == nullptr) {
        if (idle == nullptr) {
            idle = new_fiber();
            all_fibers.push_back(idle);
            restart(idle, run_threads);
        }
        thread->fiber = idle;
        idle = idle->next_idle;
    }
    emulator_switch(&scheduler, thread->fiber->stack);
}

static void wait(State state, const Source& at, unsigned mask = 0) {
    look();
    running->state = state;
    running->at = at;
    running->mask = mask;
    go_back();
}

// ---- barriers

static const char* base_name(const char* file) {
    const char* slash = strrchr(file, '/');
    return slash == nullptr ? file : slash + 1;
}

// What a thread does; of two barriers on one line the column tells them apart.
static const char* words(const Thread& thread, bool with_column, char* text, size_t bytes) {
    const Place& index = thread.index;
    const int used = snprintf(text, bytes, "thread (%u, %u, %u) ", index.x, index.y, index.z);
    char* const rest = text + used;
    const size_t left = bytes - size_t(used);
    const char* const file = base_name(thread.at.file);
    if (thread.state == DONE)
        snprintf(rest, left, "has returned");
    else if (with_column)
        snprintf(rest, left, "waits at %s:%d:%d", file, thread.at.line, thread.at.column);
    else
        snprintf(rest, left, "waits at %s:%d", file, thread.at.line);
    return text;
}

static void blame(const Thread& waiting, const Thread& missing) {
    char one[150], other[150];
    const bool on_one_line = waiting.at.line == missing.at.line && missing.state != DONE;
    thread_index = missing.state == DONE ? missing.index : waiting.index;
    note(missing.state == DONE ? EARLY_RETURN : DIVERGENCE, waiting.at, "%s, %s",
         words(waiting, on_one_line, one, sizeof one), words(missing, on_one_line, other, sizeof other));
}

static unsigned lanes_of(unsigned warp) { return std::min(WARP, thread_count - warp * WARP); }

// Let those lanes of a warp go on whose whole mask has arrived; true if there are any.
static bool release_warp(unsigned warp) {
    const unsigned first = warp * WARP, lanes = lanes_of(warp);
    const unsigned existing = lanes == WARP ? ~0u : (1u << lanes) - 1;
    for (unsigned lane = 0; lane < lanes; lane++) {
        const Thread& thread = threads[first + lane];
        if (thread.state != AT_WARP_BARRIER) continue;
        unsigned here = 0;
        for (unsigned i = 0; i < lanes; i++) {
            const Thread& other = threads[first + i];
            const bool same = other.at == thread.at && other.mask == thread.mask;
            here |= unsigned(other.state == AT_WARP_BARRIER && same) << i;
        }
        if ((thread.mask & existing) != here) continue;
        taking_part[warp] = here;
        for (unsigned i = 0; i < lanes; i++) {
            if (!(here >> i & 1)) continue;
            memcpy(exchanged[first + i], shown[first + i], LARGEST_VALUE);
            threads[first + i].state = READY;
        }
        return true;  // one group of a warp at a time: the next may overwrite what this one has not yet read
    }
    return false;
}

// Nothing moves: say which thread waits for which.
static void explain() {
    for (unsigned i = 0; i < thread_count; i++) {
        const Thread& thread = threads[i];
        if (thread.state != AT_WARP_BARRIER) continue;
        for (unsigned j = i / WARP * WARP; j < std::min(thread_count, i / WARP * WARP + WARP); j++) {
            const Thread& other = threads[j];
            const bool same = other.state == AT_WARP_BARRIER && other.at == thread.at && other.mask == thread.mask;
            const bool wanted = thread.mask >> (j % WARP) & 1;
            if (same != wanted) return blame(thread, other);
        }
    }
    for (unsigned i = 0; i < thread_count; i++)
        for (unsigned j = 0; j < thread_count; j++)
            if (threads[i].state == AT_BLOCK_BARRIER && threads[j].state != AT_BLOCK_BARRIER)
                return blame(threads[i], threads[j]);
}

// Let a whole block go on from its barrier; false where some of its threads are elsewhere.
static bool release_block() {
    const Thread& first = threads[0];
    block_vote_count = 0;
    for (unsigned i = 0; i < thread_count; i++) {
        if (threads[i].state != AT_BLOCK_BARRIER) return false;
        if (!(threads[i].at == first.at)) {
            blame(first, threads[i]);
            return false;
        }
        block_vote_count += threads[i].vote != 0;
    }
    for (unsigned i = 0; i < thread_count; i++) threads[i].state = READY;
    return true;
}

// ---- blocks

// The order in which threads run. Those of a warp stay together.
static void arrange_threads(int wanted, Random& random) {
    if (wanted <= REVERSE) return arrange(order, thread_count, wanted, random);
    const unsigned warps = (thread_count + WARP - 1) / WARP;
    unsigned warps_in_order[LARGEST_BLOCK / WARP], filled = 0;
    arrange(warps_in_order, warps, wanted, random);
    for (unsigned i = 0; i < warps; i++) {
        const unsigned warp = warps_in_order[i], lanes = lanes_of(warp);
        arrange(order + filled, lanes, wanted, random);
        for (unsigned lane = 0; lane < lanes; lane++) order[filled++] += warp * WARP;
    }
}

// Let those of order[begin] ... order[end - 1] run that can; true if there are any.
static bool run_ready(unsigned begin, unsigned end) {
    bool ran = false;
    for (unsigned i = begin; i < end && !report->kind; i++) {
        if (threads[order[i]].state != READY) continue;
        resume(&threads[order[i]]);
        ran = true;
    }
    return ran;
}

static void run_block(int wanted, Random& random) {
    for (unsigned i = 0; i < thread_count; i++) {
        const Place index = {i % block_dim.x, i / block_dim.x % block_dim.y, i / (block_dim.x * block_dim.y)};
        threads[i] = {index, READY, nullptr, {}, 0, 0};
    }
    forget_copies();
    arrange_threads(wanted, random);
    starting = true;
    for (started = 0; started < thread_count; started++) {
        resume(&threads[order[started]]);
        if (report->kind) return;
    }
    starting = false;
    for (;;) {
        bool done = true, moved = false;
        for (unsigned i = 0; i < thread_count; i++) done = done && threads[i].state == DONE;
        if (done) return;
        if (wanted > REVERSE) arrange_threads(wanted, random);
        // Forward, all warps go from exchange to exchange together. Else each runs ahead as far as it can alone: a
        // barrier that is missing between two exchanges would not show otherwise.
        for (unsigned begin = 0; begin < thread_count; begin += lanes_of(order[begin] / WARP)) {
            const unsigned warp = order[begin] / WARP, end = begin + lanes_of(warp);
            while (run_ready(begin, end) || (release_warp(warp) && run_ready(begin, end))) {
                moved = true;
                if (wanted == FORWARD) break;
            }
            if (report->kind) return;
        }
        if (!moved && !release_block()) return explain();
    }
}

// ---- shared memory: variables of the running CPU thread, so that all of it lies in one piece, and can be poisoned

struct Memory {
    char* begin;
    size_t bytes;
};
static Memory shared;
static unsigned char poison;  // what each byte of it holds before it is written

// What a compiler calls to find a variable of the running CPU thread: by the number of the file, and where it is in it.
extern "C" void* __tls_get_addr(size_t* file_and_offset);

// The piece that belongs to this compiled file; `anything` is an address of its code. Not dlpi_tls_data: that is null
// where the compiler has found a faster way to the variables, as on arm64.
static Memory shared_memory(const void* anything) {
    struct Search {
        uintptr_t code;
        Memory found;
    } search = {reinterpret_cast<uintptr_t>(anything), {nullptr, 0}};
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* data) {
            auto wanted = static_cast<Search*>(data);
            bool ours = false;
            size_t bytes = 0;
            for (int i = 0; i < info->dlpi_phnum; i++) {
                const auto& part = info->dlpi_phdr[i];
                if (part.p_type == PT_LOAD && wanted->code - info->dlpi_addr - part.p_vaddr < part.p_memsz) ours = true;
                if (part.p_type == PT_TLS) bytes = part.p_memsz;
            }
            size_t beginning[] = {info->dlpi_tls_modid, 0};
            if (ours) wanted->found = {static_cast<char*>(__tls_get_addr(beginning)), bytes};
            return ours ? 1 : 0;
        },
        &search);
    return search.found;
}

}  // namespace emulator

// The last parameter of what waits or copies: where it is called.
#define EMULATOR_AT std::source_location at = std::source_location::current()
