#include "decode/child/compartment.h"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "decode/message.h"

namespace jalousie::decode {

namespace {

// Above what the libraries take: a 16-megapixel stream with as many reference pictures as one may have (17 of
// 24 MiB), its last picture in RGB (48), a request (12) and a JPEG.
constexpr rlim_t kWorkingBytes = rlim_t{768} << 20;
constexpr rlim_t kCpuSeconds = kRetireAfterCpuSeconds + 15;
constexpr uid_t kNobody = 65534;

/// What the address space takes already; the libraries of a codec map some hundred MiB.
rlim_t mapped_bytes() {
  unsigned long pages = 0;
  std::FILE* const statm = std::fopen("/proc/self/statm", "re");
  if (statm == nullptr || std::fscanf(statm, "%lu", &pages) != 1) pages = 0;
  if (statm != nullptr) std::fclose(statm);
  return pages == 0 ? rlim_t{512} << 20 : pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

bool limit(__rlimit_resource resource, rlim_t most) {
  const rlimit both{most, most};
  return ::setrlimit(resource, &both) == 0;
}

bool set_limits(rlim_t mapped) {
  return limit(RLIMIT_AS, mapped + kWorkingBytes) && limit(RLIMIT_CPU, kCpuSeconds) &&
         limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_FSIZE, 0) &&
         limit(RLIMIT_CORE, 0) && limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_MSGQUEUE, 0);
}

// No pid namespace: it would be that of children only, and there are none; nor is there a call that takes a
// pid.
bool leave_namespaces(bool is_root) {
  const int own = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  return ::unshare(is_root ? own : own | CLONE_NEWUSER) == 0;
}

/// A root folder with nothing in it, in the mount namespace that is ours alone by now.
bool enter_empty_root() {
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k") == 0 &&
         ::chroot("/tmp") == 0 && ::chdir("/") == 0;
}

bool drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0;
}

bool drop_root() {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
         ::setresuid(kNobody, kNobody, kNobody) == 0;
}

struct Filter {
  scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
  bool good = context != nullptr;

  Filter() = default;
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() {
    if (context != nullptr) seccomp_release(context);
  }
  void allow(int call) { good = good && seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0) == 0; }
  void allow_if(int call, scmp_arg_cmp condition) {
    good = good && seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 1, condition) == 0;
  }
  void allow_if(int call, scmp_arg_cmp one, scmp_arg_cmp other) {
    good = good && seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 2, one, other) == 0;
  }
};

scmp_arg_cmp argument_is(unsigned index, scmp_datum_t value) { return {index, SCMP_CMP_EQ, value, 0}; }
scmp_arg_cmp argument_has(unsigned index, scmp_datum_t mask, scmp_datum_t value) {
  return {index, SCMP_CMP_MASKED_EQ, mask, value};
}

bool install_filter() {
  Filter filter;
  if (!filter.good) return false;
  filter.good = seccomp_attr_set(filter.context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
  filter.allow_if(SCMP_SYS(read), argument_is(0, 0));
  filter.allow_if(SCMP_SYS(write), argument_is(0, 0));
  // Memory that holds data, never code, and is nobody else's.
  const scmp_datum_t sharing = MAP_ANONYMOUS | MAP_SHARED;
  filter.allow_if(SCMP_SYS(mmap), argument_has(2, PROT_EXEC, 0), argument_has(3, sharing, MAP_ANONYMOUS));
  filter.allow_if(SCMP_SYS(mprotect), argument_has(2, PROT_EXEC, 0));
  for (const int call : {SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise),
                         SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
                         SCMP_SYS(getrandom), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit), SCMP_SYS(exit_group)}) {
    filter.allow(call);
  }
  return filter.good && seccomp_load(filter.context) == 0;
}

}  // namespace

std::optional<std::uint8_t> close_compartment() {
  const bool is_root = ::geteuid() == 0;
  const rlim_t mapped = mapped_bytes();
  std::uint8_t fences = 0;
  // Viewers and cameras come first. Not a wall: decoding at the usual priority is no fault.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, 10));
  if (leave_namespaces(is_root)) {
    fences |= kFlagNamespaces;
    if (enter_empty_root()) fences |= kFlagEmptyRoot;
  }
  // A container may know no other user than its root: that one without capabilities is next to nobody.
  if (!is_root || drop_root()) fences |= kFlagUnprivileged;
  if (!drop_capabilities()) return std::nullopt;
  if (::close_range(1, ~0U, 0) != 0) return std::nullopt;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return std::nullopt;
  if (!set_limits(mapped) || !install_filter()) return std::nullopt;
  return fences;
}

}  // namespace jalousie::decode
