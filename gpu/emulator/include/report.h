// What went wrong, and where: one report a launch, the first error wins.
//
// Errors are found by the scheduler (barriers), by handlers that g++ calls where it was asked to check arithmetic and
// array bounds (-fsanitize), and by the signal handler of a guarded launch (memory that belongs to nobody).
#pragma once

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace emulator {

struct Place {
    unsigned x, y, z;
};

enum Kind : int {
    NOTHING,
    DIVERGENCE,      // threads of a block wait at different barriers
    EARLY_RETURN,    // a thread has returned, and others wait for it
    OVERFLOW,        // signed arithmetic that does not fit, a shift too far, a division by zero
    OUT_OF_BOUNDS,   // an index outside an array of known size
    BAD_POINTER,     // a null or misaligned pointer is used
    OUTSIDE_ARRAY,   // memory beyond an argument (guarded launches only)
    SHARED_OVERRUN,  // dynamic shared memory written beyond what the launch asked for
    CRASH            // the process that ran the kernel ended otherwise
};

// As gpu/emulator/module.py reads it.
struct Report {
    int kind;
    int line;        // in the .cu file; 0 where it is unknown
    Place block;
    Place thread;
    int argument;    // OUTSIDE_ARRAY: which argument is nearest, -1 if none is near
    int access;      // OUTSIDE_ARRAY: 1 for a write, 0 for a read
    int64_t offset;  // OUTSIDE_ARRAY: bytes from the argument's beginning
    uint64_t code;   // OUTSIDE_ARRAY: where in the compiled file, for the source line
    Place writer_block, writer_thread;  // who last wrote the watched bytes
    int written;                        // whether anybody did
    char text[320];
};

static Report* report;

static void stop();  // leave the running thread for good; see block.h
static Place current_block(), current_thread();

// Write the report unless there is one already.
__attribute__((format(printf, 3, 4))) static void note(Kind kind, int line, const char* format, ...) {
    if (report->kind != NOTHING) return;
    report->kind = kind;
    report->line = line;
    report->block = current_block();
    report->thread = current_thread();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->text, sizeof report->text, format, arguments);
    va_end(arguments);
}

// What g++ hands to its handlers: https://github.com/gcc-mirror/gcc/blob/master/libsanitizer/ubsan/ubsan_handlers.h
struct Location {
    const char* file;
    uint32_t line, column;
};
struct TypeName {
    uint16_t kind, info;  // kind 0 is an integer; info is 2 log2(bits) + 1 if it is signed
    char name[1];
};
struct Arithmetic {
    Location at;
    const TypeName* type;
};
struct Indexing {
    Location at;
    const TypeName *array, *index;
};
struct Shift {
    Location at;
    const TypeName *left, *right;
};
struct Pointer {
    Location at;
    const TypeName* type;
    uint8_t log_alignment, kind;
};

// Integers of up to 64 bits arrive in the handle itself, larger ones by address.
static long long value_of(const TypeName* type, uintptr_t handle) {
    const int bits = 1 << (type->info >> 1);
    if (bits > 64) return 0;
    const auto shifted = static_cast<long long>(static_cast<uint64_t>(handle) << (64 - bits));
    return (type->info & 1) ? shifted >> (64 - bits) : static_cast<long long>(handle);
}

static void overflow(const Arithmetic* data, uintptr_t left, const char* sign, uintptr_t right) {
    note(OVERFLOW, static_cast<int>(data->at.line), "%lld %s %lld does not fit into %s", value_of(data->type, left),
         sign, value_of(data->type, right), data->type->name);
    stop();
}

}  // namespace emulator

extern "C" {
using namespace emulator;
void __ubsan_handle_add_overflow(Arithmetic* data, uintptr_t left, uintptr_t right) {
    overflow(data, left, "+", right);
}
void __ubsan_handle_sub_overflow(Arithmetic* data, uintptr_t left, uintptr_t right) {
    overflow(data, left, "-", right);
}
void __ubsan_handle_mul_overflow(Arithmetic* data, uintptr_t left, uintptr_t right) {
    overflow(data, left, "*", right);
}
void __ubsan_handle_divrem_overflow(Arithmetic* data, uintptr_t left, uintptr_t right) {
    overflow(data, left, "/", right);
}
void __ubsan_handle_negate_overflow(Arithmetic* data, uintptr_t value) { overflow(data, 0, "-", value); }
void __ubsan_handle_shift_out_of_bounds(Shift* data, uintptr_t left, uintptr_t right) {
    note(OVERFLOW, static_cast<int>(data->at.line), "%lld shifted by %lld bits, in %s", value_of(data->left, left),
         value_of(data->right, right), data->left->name);
    stop();
}
void __ubsan_handle_out_of_bounds(Indexing* data, uintptr_t index) {
    note(OUT_OF_BOUNDS, static_cast<int>(data->at.line), "index %lld of an array %s", value_of(data->index, index),
         data->array->name);
    stop();
}
void __ubsan_handle_type_mismatch_v1(Pointer* data, uintptr_t pointer) {
    const char* what = pointer == 0 ? "a null pointer" : "a pointer that is not aligned to its type";
    note(BAD_POINTER, static_cast<int>(data->at.line), "%s, to %s", what, data->type->name);
    stop();
}
}  // extern "C"
