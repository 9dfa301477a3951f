// What went wrong, and where: one report a launch, the first error wins.
//
// Errors are found by the scheduler (barriers), by handlers that g++ calls where it was asked to check arithmetic and
// array bounds (-fsanitize), and by the signal handler of a guarded launch (memory that belongs to nobody).
#pragma once

#include <dlfcn.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <source_location>

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
    ASYNC_COPY,      // a copy that nobody waits for, or that no device could make
    CRASH            // the process that ran the kernel ended otherwise
};

// Where in a .cu file or a header; line 0 where it is unknown.
struct Source {
    const char* file = "";
    int line = 0, column = 0;
    Source() = default;
    Source(const char* file, uint32_t line, uint32_t column) : file(file), line(int(line)), column(int(column)) {}
    Source(std::source_location at) : Source(at.file_name(), at.line(), at.column()) {}
    bool operator==(const Source& other) const {
        return line == other.line && column == other.column && (file == other.file || strcmp(file, other.file) == 0);
    }
};

// As gpu/emulator/module.py reads it.
struct Report {
    int kind;
    int line;        // of `file`; 0 where it is unknown
    Place block;
    Place thread;
    int argument;    // OUTSIDE_ARRAY: which argument is nearest, -1 if none is near
    int access;      // OUTSIDE_ARRAY: 1 for a write, 0 for a read
    int64_t offset;  // OUTSIDE_ARRAY: bytes from the argument's beginning
    uint64_t code;   // where in the compiled file, 0 where that is unknown: it tells the source line as well
    Place writer_block, writer_thread;  // who last wrote the watched bytes
    int written;                        // whether anybody did
    char text[320];
    char file[512];
};

static Report* report;

static void stop();  // leave the running thread for good; see block.h
static Place current_block(), current_thread();

// Write the report unless there is one already.
__attribute__((format(printf, 3, 4))) static void note(Kind kind, const Source& at, const char* format, ...) {
    if (report->kind != NOTHING) return;
    report->kind = kind;
    report->line = at.line;
    snprintf(report->file, sizeof report->file, "%s", at.file);
    report->block = current_block();
    report->thread = current_thread();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(report->text, sizeof report->text, format, arguments);
    va_end(arguments);
}

// Where an instruction lies in this compiled file; 0 if it lies elsewhere, in a library perhaps.
static uint64_t code_at(uint64_t address) {
    Dl_info its, ours;
    if (dladdr(reinterpret_cast<void*>(address), &its) == 0) return 0;
    if (dladdr(reinterpret_cast<void*>(&code_at), &ours) == 0 || its.dli_fbase != ours.dli_fbase) return 0;
    return address - reinterpret_cast<uint64_t>(its.dli_fbase);
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

// A place that g++ names. It may be in a header of ours: then the place that `caller` returns to tells more.
static Source place(const Location& at, void* caller) {
    if (report->kind == NOTHING) report->code = code_at(reinterpret_cast<uint64_t>(caller) - 1);
    return {at.file, at.line, at.column};
}

static void overflow(const Arithmetic* data, void* caller, uintptr_t left, const char* sign, uintptr_t right) {
    note(OVERFLOW, place(data->at, caller), "%lld %s %lld does not fit into %s", value_of(data->type, left),
         sign, value_of(data->type, right), data->type->name);
    stop();
}

extern "C" {
void __ubsan_handle_add_overflow(Arithmetic* data, uintptr_t left, uintptr_t right) {
    overflow(data, __builtin_return_address(0), left, "+", right);
}
void __ubsan_handle_sub_overflow(Arithmetic* data, uintptr_t left, uintptr_t right) {
    overflow(data, __builtin_return_address(0), left, "-", right);
}
void __ubsan_handle_mul_overflow(Arithmetic* data, uintptr_t left, uintptr_t right) {
    overflow(data, __builtin_return_address(0), left, "*", right);
}
void __ubsan_handle_divrem_overflow(Arithmetic* data, uintptr_t left, uintptr_t right) {
    if (value_of(data->type, right) == 0) {
        note(OVERFLOW, place(data->at, __builtin_return_address(0)), "%lld is divided by 0, in %s",
             value_of(data->type, left), data->type->name);
        stop();
    }
    overflow(data, __builtin_return_address(0), left, "/", right);
}
void __ubsan_handle_negate_overflow(Arithmetic* data, uintptr_t value) {
    overflow(data, __builtin_return_address(0), 0, "-", value);
}
void __ubsan_handle_shift_out_of_bounds(Shift* data, uintptr_t left, uintptr_t right) {
    note(OVERFLOW, place(data->at, __builtin_return_address(0)), "%lld shifted by %lld bits, in %s",
         value_of(data->left, left), value_of(data->right, right), data->left->name);
    stop();
}
void __ubsan_handle_out_of_bounds(Indexing* data, uintptr_t index) {
    note(OUT_OF_BOUNDS, place(data->at, __builtin_return_address(0)), "index %lld of an array %s",
         value_of(data->index, index), data->array->name);
    stop();
}
void __ubsan_handle_type_mismatch_v1(Pointer* data, uintptr_t pointer) {
    const char* what = pointer == 0 ? "a null pointer" : "a pointer that is not aligned to its type";
    note(BAD_POINTER, place(data->at, __builtin_return_address(0)), "%s, to %s", what, data->type->name);
    stop();
}
}  // extern "C"

}  // namespace emulator
