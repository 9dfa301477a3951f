// Asynchronous copies from global to shared memory (cp.async), as a thread starts them and waits for them:
//
//     __pipeline_memcpy_async(to, from, 16)    what is at `to` becomes poison: to read it now is to read too early
//     __pipeline_commit()                      closes a batch
//     __pipeline_wait_prior(1)                 all closed batches but the latest arrive: now they are read and written
//
// A device reads and writes at some time in between. Here that is as late as possible, and what was at `to` is lost as
// early as possible, so that neither who reads too early nor who still reads the old values is lucky.
#pragma once

#include <cstddef>
#include <vector>

#include "block.h"

namespace emulator {

struct Copy {
    char* to;
    const char* from;
    size_t bytes, zeros;  // the last `zeros` of the bytes are not copied, they become 0
    uint64_t batch;
    Source at;
};
static std::vector<Copy> copies[LARGEST_BLOCK];  // of each thread, those that have not arrived
static uint64_t batches[LARGEST_BLOCK];          // of each thread, how many it has closed

inline void start_copy(char* to, const char* from, size_t bytes, size_t zeros, const Source& at) {
    const auto wrong = [&](const char* what) {
        note(ASYNC_COPY, at, "%zu bytes, the last %zu of them 0: %s", bytes, zeros, what);
        stop();
    };
    const auto aligned = [&](const char* pointer) { return reinterpret_cast<uintptr_t>(pointer) % bytes == 0; };
    if (bytes != 4 && bytes != 8 && bytes != 16) wrong("a copy is of 4, 8 or 16 bytes");
    if (zeros > bytes) wrong("that are more than all");
    if (!aligned(to)) wrong("it goes to an address that is no multiple of its size");
    if (!aligned(from)) wrong("it comes from an address that is no multiple of its size");
    if (to < shared.begin || to + bytes > shared.begin + shared.bytes) wrong("it does not go to shared memory");
    memset(to, poison, bytes);
    const unsigned thread = static_cast<unsigned>(running - threads);
    copies[thread].push_back({to, from, bytes, zeros, batches[thread], at});
}

inline void wait_for_copies(uint64_t prior) {
    const unsigned thread = static_cast<unsigned>(running - threads);
    std::erase_if(copies[thread], [&](const Copy& copy) {
        if (copy.batch + prior >= batches[thread]) return false;
        memcpy(copy.to, copy.from, copy.bytes - copy.zeros);
        memset(copy.to + (copy.bytes - copy.zeros), 0, copy.zeros);
        return true;
    });
}

static void end_copies() {
    const auto& under_way = copies[running - threads];
    if (under_way.empty()) return;
    note(ASYNC_COPY, under_way[0].at, "the thread returns without having waited for %zu of its copies",
         under_way.size());
    stop();
}

static void forget_copies() {
    for (unsigned i = 0; i < thread_count; i++) copies[i].clear(), batches[i] = 0;
}

}  // namespace emulator

// Inlined, so that a read outside of an array is found on the kernel's own line.
__attribute__((always_inline)) inline void __pipeline_memcpy_async(void* to, const void* from, size_t bytes,
                                                                   size_t zeros = 0, EMULATOR_AT) {
    const auto first = static_cast<const volatile char*>(from);
    if (zeros < bytes) (void)first[0], (void)first[bytes - zeros - 1];
    emulator::start_copy(static_cast<char*>(to), static_cast<const char*>(from), bytes, zeros, at);
}
inline void __pipeline_commit() { emulator::batches[emulator::running - emulator::threads]++; }
inline void __pipeline_wait_prior(size_t prior) {
    emulator::wait_for_copies(std::min<size_t>(prior, 8));  // cuda_pipeline.h counts no further
}
