#pragma once

namespace holdfast::server {

/// A step after which tests end the program, as kill -9 would: when HOLDFAST_KILL_AT=NAME, or NAME:N, names it, at its first or
/// N-th passing. Only where the build has HOLDFAST_KILL_POINTS, which nothing that is shipped has; else it does nothing. From any
/// thread; not on the path of a query.
void kill_point(const char* name) noexcept;

}  // namespace holdfast::server
