// What the runtime's own tests launch: every kind of argument, a fault that is reported, and one that ends the device's work.
#include "../../main/cuda/quintet.cuh"

// 24 bytes.
struct Three {
  double x;
  i32 y;
  Global<double> z;
};

KERNEL(32, runtime_arguments)(Global<double> y, i32 a, i64 b, float c, Three t, double d) {
  if (thread() == 0) {
    y.store(0, a);
    y.store(1, (double)b);
    y.store(2, c);
    y.store(3, t.x);
    y.store(4, t.y);
    t.z.store(5, d);
  }
}
REGISTER(runtime_arguments);

KERNEL(32, runtime_report)(Global<i64> fault, i64 kind, i64 index, i64 limit) {
  if (thread() == 0) report(fault, kind, index, limit);
}
REGISTER(runtime_report);

// y = y + 1, and with a `wrong` index beyond it.
KERNEL(32, runtime_count)(Global<i32> y, i32 count, i32 wrong) {
  if (thread() < count) y.store(thread(), y.load(thread()) + 1);
  if (wrong != 0 && thread() == 0) y.store(wrong, 1);
}
REGISTER(runtime_count);
