// What `labyrinth doctor` says of settings that a test cannot change.
#include <gtest/gtest.h>

#include "doctor.hpp"

namespace labyrinth::tool {
namespace {

using State = Check::State;

TEST(DoctorSettings, CoresGoToFilesAndNotToPrograms) {
  EXPECT_EQ(judge_core_pattern("core").state, State::kOk);
  EXPECT_EQ(judge_core_pattern("/var/crash/core.%p").state, State::kOk);
  const Check piped = judge_core_pattern("|/usr/share/apport/apport -p%p");
  EXPECT_EQ(piped.state, State::kWarning);
  EXPECT_NE(piped.says.find("apport"), std::string::npos);
  EXPECT_NE(piped.mend.find("/proc/sys/kernel/core_pattern"), std::string::npos);
}

TEST(DoctorSettings, AllCpusRunAtFullSpeedOrHaveNoChoice) {
  EXPECT_EQ(judge_governors({}).state, State::kOk);
  EXPECT_EQ(judge_governors({"performance", "performance"}).state, State::kOk);
  const Check slow = judge_governors({"performance", "powersave", "powersave"});
  EXPECT_EQ(slow.state, State::kWarning);
  EXPECT_NE(slow.says.find("2 of 3 CPUs"), std::string::npos);
  EXPECT_NE(slow.mend.find("scaling_governor"), std::string::npos);
}

}  // namespace
}  // namespace labyrinth::tool
