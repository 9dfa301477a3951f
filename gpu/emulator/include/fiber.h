// Fibers: several call stacks in one thread of the CPU, switched by hand.
//
// A CUDA thread that waits at a barrier keeps its place in the kernel: its stack. `switch_to` puts one stack aside and
// goes on with another, which takes a few nanoseconds; ucontext would ask the kernel of the machine each time.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace emulator {

constexpr size_t STACK_BYTES = 128 << 10, PAGE_BYTES = 64 << 10;  // 64 KiB: no machine has larger ordinary pages here

// Store the registers that a function must preserve on the stack, keep that stack's address in *from, continue at `to`.
extern "C" void emulator_switch(void** from, void* to);

#if defined(__x86_64__)
asm(".text\n.local emulator_switch\n.type emulator_switch,@function\nemulator_switch:\n"
    "pushq %rbp\npushq %rbx\npushq %r12\npushq %r13\npushq %r14\npushq %r15\n"
    "movq %rsp,(%rdi)\nmovq %rsi,%rsp\n"
    "popq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rbx\npopq %rbp\nret\n"
    ".size emulator_switch,.-emulator_switch\n");

// A stack that looks as if `function` had been about to start: six registers, then its address.
static void* prepare(char* top, void (*function)()) {
    auto stack = reinterpret_cast<void**>(top);
    *--stack = nullptr;  // the return address of `function`, which never returns
    *--stack = reinterpret_cast<void*>(function);
    for (int i = 0; i < 6; i++) *--stack = nullptr;
    return stack;
}
#elif defined(__aarch64__)
asm(".text\n.local emulator_switch\n.type emulator_switch,%function\nemulator_switch:\n"
    "sub sp,sp,#160\nstp x19,x20,[sp]\nstp x21,x22,[sp,#16]\nstp x23,x24,[sp,#32]\nstp x25,x26,[sp,#48]\n"
    "stp x27,x28,[sp,#64]\nstp x29,x30,[sp,#80]\n"
    "stp d8,d9,[sp,#96]\nstp d10,d11,[sp,#112]\nstp d12,d13,[sp,#128]\nstp d14,d15,[sp,#144]\n"
    "mov x9,sp\nstr x9,[x0]\nmov sp,x1\n"
    "ldp x19,x20,[sp]\nldp x21,x22,[sp,#16]\nldp x23,x24,[sp,#32]\nldp x25,x26,[sp,#48]\n"
    "ldp x27,x28,[sp,#64]\nldp x29,x30,[sp,#80]\n"
    "ldp d8,d9,[sp,#96]\nldp d10,d11,[sp,#112]\nldp d12,d13,[sp,#128]\nldp d14,d15,[sp,#144]\n"
    "add sp,sp,#160\nret\n.size emulator_switch,.-emulator_switch\n");

// A stack that looks as if `function` had been about to start: its address where x30, the link register, is loaded.
static void* prepare(char* top, void (*function)()) {
    auto stack = reinterpret_cast<void**>(top - 160);
    memset(static_cast<void*>(stack), 0, 160);
    stack[11] = reinterpret_cast<void*>(function);
    return stack;
}
#else
#error "the emulator knows how to switch stacks on x86-64 and on arm64 only"
#endif

struct Fiber {
    void* stack;   // where it left off
    char* memory;  // above one page that nobody may touch: a stack that grows too far stops there
    Fiber* next_idle;
};

static Fiber* new_fiber() {
    auto fiber = new Fiber{};
    void* memory = mmap(nullptr, PAGE_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) __builtin_trap();
    fiber->memory = static_cast<char*>(memory);
    mprotect(memory, PAGE_BYTES, PROT_NONE);
    return fiber;
}

static void restart(Fiber* fiber, void (*function)()) {
    fiber->stack = prepare(fiber->memory + PAGE_BYTES + STACK_BYTES, function);
}

}  // namespace emulator
