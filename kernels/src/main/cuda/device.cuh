// The bodies on the GPU: PTX behind functions, and memory by plain access. emulator.h has the same names for the processor.
#pragma once

#define BODY __device__ __forceinline__

BODY float bitsToFloat(u32 bits) { return __uint_as_float(bits); }
BODY u32 floatToBits(float x) { return __float_as_uint(x); }

// Two float32 as bfloat16, to nearest, ties to even; the first in the lower half.
BODY u32 pack(float low, float high) {
  u32 r;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
  return r;
}

// 2^x, to 2 units in the last place; subnormal results are 0.
BODY float ex2(float x) {
  float r;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(x));
  return r;
}

// The high half of a product of unsigned numbers.
BODY u32 mulHigh(u32 x, u32 y) { return __umulhi(x, y); }

// Elements in global memory.
template <class T> struct Global {
  T* at;
  // Of an address that comes out of a table the compiler would not know that it is global, and ask at each access.
  BODY T* here() const {
    __builtin_assume(__isGlobal(at));
    return at;
  }
  BODY explicit operator bool() const { return at != nullptr; }
  BODY Global operator+(i64 elements) const { return Global{at + elements}; }
  // The same memory as elements of another type.
  template <class U> BODY Global<U> as() const { return Global<U>{(U*)at}; }
  BODY T load(i64 i) const { return here()[i]; }
  BODY void store(i64 i, T v) const { here()[i] = v; }
  // 16 bytes from element i on, which must begin at a multiple of 16 bytes.
  BODY Wide loadWide(i64 i) const { return *reinterpret_cast<const Wide*>(here() + i); }
  BODY void storeWide(i64 i, Wide v) const { *reinterpret_cast<Wide*>(const_cast<T*>(here()) + i) = v; }
  // 8 bytes likewise.
  BODY Half loadHalf(i64 i) const { return *reinterpret_cast<const Half*>(here() + i); }
  BODY void storeHalf(i64 i, Half v) const { *reinterpret_cast<Half*>(const_cast<T*>(here()) + i) = v; }
  // 4 bytes of elements of two.
  BODY u32 loadPair(i64 i) const { return *reinterpret_cast<const u32*>(here() + i); }
  BODY void storePair(i64 i, u32 v) const { *reinterpret_cast<u32*>(const_cast<T*>(here()) + i) = v; }
  // Whether element 0 lies at a multiple of so many bytes.
  BODY bool aligned(int bytes) const { return ((u64)at & (bytes - 1)) == 0; }
};

// Global memory at an address that comes out of a table.
template <class T> BODY Global<T> globalAt(i64 address) { return Global<T>{(T*)__cvta_global_to_generic((u64)address)}; }

extern __shared__ __align__(1024) unsigned char quintetShared[];

// Elements in the block's shared memory.
template <class T> struct Shared {
  T* at;
  BODY Shared operator+(int elements) const { return Shared{at + elements}; }
  BODY T get(int i) const { return at[i]; }
  BODY void set(int i, T v) const { at[i] = v; }
  // V is 4, 8 or 16 bytes of elements, from element i on, which begins at a multiple of that.
  template <class V> BODY V getAs(int i) const { return *reinterpret_cast<const V*>(at + i); }
  template <class V> BODY void setAs(int i, V v) const { *reinterpret_cast<V*>(at + i) = v; }
  // The address of element i in the shared window, as PTX takes it.
  BODY u32 address(int i) const { return (u32)__cvta_generic_to_shared(at + i); }
};

// Shared memory from a byte on.
template <class T> BODY Shared<T> shared(u32 byte) { return Shared<T>{reinterpret_cast<T*>(quintetShared + byte)}; }

// A barrier of some warps: `id` from 1 to 15, `threads` a multiple of 32.
BODY void namedBarrier(int id, int threads) { asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory"); }

// Copies 16 bytes to shared memory, or 16 zeros where `there` is false; done once a wait says so.
template <class T> BODY void copyAsync(u32 to, Global<T> from, i64 i, bool there = true) {
  const void* source = from.at + (there ? i : 0);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(source), "r"(there ? 16 : 0) : "memory");
}
// Ends a group of copies of this thread.
BODY void commitCopies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until all but the last N groups of this thread have arrived.
template <int N> BODY void waitCopies() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

// Four 8 x 8 matrices of bfloat16 from shared memory, each lane with the address of one row: lane l of matrix l / 8.
BODY void loadMatrices(u32 (&r)[4], u32 row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(row) : "memory");
}
// The same, each turned over its diagonal.
BODY void loadMatricesTurned(u32 (&r)[4], u32 row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(row) : "memory");
}

// d += a b with a 16 x 16 by rows, b 16 x 8 by columns, of bfloat16, and d 16 x 8 of float32: lane 4 g + t holds rows g and
// g + 8 of d, columns 2 t and 2 t + 1.
BODY void multiplyAdd(float (&d)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
