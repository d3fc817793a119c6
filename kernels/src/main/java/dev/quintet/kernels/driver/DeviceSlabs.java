package dev.quintet.kernels.driver;

import dev.quintet.core.backend.Slabs;

/// Device memory in large pieces. Both ways to get it wait for all work before they give any back.
sealed interface DeviceSlabs extends Slabs permits AllocatedSlabs, MappedSlabs {}
