# Writes reference.safetensors: pip install safetensors==0.8.0 numpy; python reference.py
import numpy as np
from safetensors.numpy import save_file

types = "bool uint8 int8 int16 uint16 float16 int32 uint32 float32 complex64 float64 int64 uint64"
tensors = {}
for i, name in enumerate(types.split()):
    values = np.arange(i, i + 6)
    values = values % 2 == 0 if name == "bool" else values.astype(name)
    tensors[f"t.{12 - i}"] = values.reshape(3, 2)
tensors["scalar"] = np.array(2.5, dtype=np.float32)
tensors["empty"] = np.zeros((0, 4), dtype=np.float32)
tensors['q"\\\n\t\x01\u00e9\U0001f600'] = np.arange(3, dtype=np.float32)
tensors['q"\\\n\t\x01\u00e9\uff5e'] = np.arange(4, dtype=np.float32)
save_file(tensors, "reference.safetensors", metadata={"b\u00e9": "x\ny"})
