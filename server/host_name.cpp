#include "server/host_name.h"

#include <unistd.h>

namespace holdfast::server {

std::string host_name() {
  char name[256] = "";  // HOST_NAME_MAX is 64
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace holdfast::server
