// A stand-in for libcublas.so.12: the entry points that Quintet uses, as cuBLAS documents them, on a kernel that the emulator
// runs. Its matrices lie by columns, which is what it is here to prove: element (i, j) of C is at i + j ldc.
//
// It lies in libcuda.so.1; the file of the library's name, which JCublas asks for, only points here.
#include "../main/cuda/quintet.cuh"

#include "emulator.hpp"

enum { REAL = 0, NARROW = 14, TURN = 1, COMPUTE_FLOAT = 68 };

DEVICE float cublasElement(Global<const bf16> x, i32 type, i64 i) {
  return type == NARROW ? toFloat(x.load(i)) : x.as<const float>().load(i);
}

// One element of C a thread, a matrix of the batch for each z.
KERNEL(256, cublas_product)
(i32 turnA, i32 turnB, i32 m, i32 n, i32 k, Global<const bf16> a, i32 typeA, i32 lda, i64 nextA, Global<const bf16> b, i32 typeB, i32 ldb,
 i64 nextB, float beta, Global<bf16> c, i32 typeC, i32 ldc, i64 nextC) {
  i64 index = (i64)blockIdx.x * 256 + thread(), z = blockIdx.z;
  if (index >= (i64)m * n) return;
  i64 i = index % m, j = index / m;
  double sum = 0;
  for (i64 l = 0; l < k; l++) {
    sum += (double)cublasElement(a, typeA, z * nextA + (turnA ? l + i * lda : i + l * lda)) *
           cublasElement(b, typeB, z * nextB + (turnB ? j + l * ldb : l + j * ldb));
  }
  i64 at = z * nextC + i + j * ldc;
  if (beta != 0) sum += (double)beta * cublasElement(Global<const bf16>{c.at}, typeC, at);
  if (typeC == NARROW) {
    c.store(at, fromFloat<bf16>((float)sum));
  } else {
    c.as<float>().store(at, (float)sum);
  }
}
REGISTER(cublas_product);

extern "C" {

int cuModuleGetFunction(void** function, void* module, const char* name);
int cuLaunchKernel(void* f, u32 gx, u32 gy, u32 gz, u32 bx, u32 by, u32 bz, u32 shared, void* stream, void** parameters, void** extra);

struct cublasContext {
  void* stream = nullptr;
};

enum { SUCCESS = 0, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };

int cublasCreate_v2(cublasContext** handle) {
  *handle = new cublasContext();
  return SUCCESS;
}
int cublasDestroy_v2(cublasContext* handle) {
  delete handle;
  return SUCCESS;
}
int cublasSetStream_v2(cublasContext* handle, void* stream) {
  handle->stream = stream;
  return SUCCESS;
}
int cublasSetWorkspace_v2(cublasContext*, void* workspace, size_t) { return ((u64)workspace & 255) == 0 ? SUCCESS : INVALID_VALUE; }
int cublasSetMathMode(cublasContext*, int) { return SUCCESS; }

int cublasGemmStridedBatchedEx(cublasContext* handle, int turnA, int turnB, int m, int n, int k, const void* alpha, const void* a, int typeA, int lda,
                               long long nextA, const void* b, int typeB, int ldb, long long nextB, const void* beta, void* c, int typeC, int ldc,
                               long long nextC, int batch, int compute, int algorithm) {
  (void)algorithm;
  if (m < 0 || n < 0 || k < 0 || batch < 0 || lda < (turnA ? k : m) || ldb < (turnB ? n : k) || ldc < m) return INVALID_VALUE;
  bool known = typeA == typeB && (typeA == NARROW ? typeC == NARROW || typeC == REAL : typeA == REAL && typeC == REAL);
  if (!known || compute != COMPUTE_FLOAT || *(const float*)alpha != 1) return NOT_SUPPORTED;
  float add = *(const float*)beta;
  void* parameters[] = {&turnA, &turnB, &m,   &n,   &k,     &a,   &typeA, &lda, &nextA, &b,
                        &typeB, &ldb,   &nextB, &add, &c, &typeC, &ldc,   &nextC, nullptr};
  void* function = nullptr;
  if (cuModuleGetFunction(&function, nullptr, "cublas_product") != 0) return EXECUTION_FAILED;
  u64 blocks = ((u64)m * n + 255) / 256;
  if (cuLaunchKernel(function, (u32)blocks, 1, batch, 256, 1, 1, 0, handle->stream, parameters, nullptr) != 0) return EXECUTION_FAILED;
  return SUCCESS;
}
}
