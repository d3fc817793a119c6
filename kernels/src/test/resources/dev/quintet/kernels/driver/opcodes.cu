// One line or so for each instruction that the reader of cubins counts; opcodes.sm_80.cubin and opcodes.sm_90a.cubin are
// made from it: nvcc -std=c++17 -O3 -arch=sm_80 -cubin. A kernel's name says what stands in it.
#define KERNEL(threads, name) extern "C" __global__ void __launch_bounds__(threads) name

// A result that nobody asks for makes a reduction of an atomic operation: RED, of float32 on 9.0 REDG.
KERNEL(32, red)(int* x) { atomicAdd(x + threadIdx.x, 1); }
KERNEL(32, red_float)(float* x) { atomicAdd(x + threadIdx.x, 1.f); }
KERNEL(32, atomg)(int* x, int* y) { y[threadIdx.x] = atomicAdd(x + threadIdx.x, 1); }
KERNEL(32, atomg_float)(float* x, float* y) { y[threadIdx.x] = atomicAdd(x + threadIdx.x, 1.f); }
KERNEL(32, atomg_compare)(int* x, int* y) { y[threadIdx.x] = atomicCAS(x + threadIdx.x, 1, 2); }

// In shared memory.
#define IN_SHARED(type, operation) \
  __shared__ type s[64]; \
  s[threadIdx.x] = x[threadIdx.x]; \
  __syncthreads(); \
  operation; \
  __syncthreads(); \
  x[threadIdx.x] = s[threadIdx.x];
KERNEL(32, atoms)(int* x, int* y) { IN_SHARED(int, atomicAdd(s + y[threadIdx.x], y[0])) }
KERNEL(32, atoms_one)(int* x, int* y) { IN_SHARED(int, atomicAdd(s + y[threadIdx.x], 1)) }
KERNEL(32, atoms_double)(double* x, int* y) { IN_SHARED(double, atomicAdd(s + y[threadIdx.x], 1.)) }
KERNEL(32, atoms_compare)(int* x, int* y) { IN_SHARED(int, y[1] = atomicCAS(s + y[threadIdx.x], 1, 2)) }
// Where the compiler cannot know whether an address is global or shared.
KERNEL(32, atom)(int* x, int* y, int k) { IN_SHARED(int, y[1] = atomicAdd((k ? s : y) + y[threadIdx.x], 1)) }
KERNEL(32, generic)(int* x, int* y, int k) { IN_SHARED(int, int* z = k ? s : y; z[threadIdx.x]++) }

// 1, 2, 4, 8 and 16 bytes of global memory.
KERNEL(32, widths)(char* a, short* b, int* c, long* d, int4* e) {
  int t = threadIdx.x;
  a[t] = a[t + 1];
  b[t] = b[t + 1];
  c[t] = c[t + 1];
  d[t] = d[t + 1];
  e[t] = e[t + 1];
}
// An array that is indexed at run time.
KERNEL(32, local)(int* x, int n) {
  int a[32];
  for (int i = 0; i < 32; i++) a[i] = x[i];
  for (int i = 0; i < n; i++) a[x[i] & 31] = i;
  x[0] = a[x[99] & 31];
}
// More values than 1024 threads have registers for.
KERNEL(1024, spilled)(float* x) {
  float a[128];
#pragma unroll
  for (int i = 0; i < 128; i++) a[i] = x[i * 1024 + threadIdx.x];
  __syncthreads();
#pragma unroll
  for (int i = 0; i < 128; i++) x[((i * 37) & 127) * 1024 + threadIdx.x] = a[i] * a[(i * 11 + 5) & 127];
}
// A product's instructions: LDGSTS, LDSM, HMMA.
KERNEL(32, product)(int4* x, float* y) {
  __shared__ int4 s[32];
  unsigned row = (unsigned)__cvta_generic_to_shared(s + threadIdx.x), r[4];
  float d[4] = {0, 0, 0, 0};
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(row), "l"(x + threadIdx.x) : "memory");
  asm volatile("cp.async.wait_all;" ::: "memory");
  __syncthreads();
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(row) : "memory");
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3]), "r"(r[0]), "r"(r[1]));
  y[threadIdx.x] = d[0] + d[1] + d[2] + d[3];
}
