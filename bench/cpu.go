package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the kernel's unit of processor time on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// CPU is the processor time a process has used until now, with that of its
// children, those that have ended included.
func CPU(pid int) (used time.Duration, err error) {
	family, err := familyOf(pid)
	if err != nil {
		return 0, err
	}
	for _, member := range family {
		own, ended, err := times(member)
		if err != nil {
			return 0, err
		}
		if used += own; member == pid {
			used += ended
		}
	}
	return used, nil
}

// OwnCPU is the processor time of a process without its children.
func OwnCPU(pid int) (time.Duration, error) {
	own, _, err := times(pid)
	return own, err
}

// times are the process's own time and that of its ended children; a process
// that has just ended counts with its parent from now on.
func times(pid int) (own, ended time.Duration, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if os.IsNotExist(err) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	fields := strings.Fields(string(text[strings.LastIndex(string(text), ")")+1:])) // the name may hold blanks
	var ticks [4]int64
	for i := range ticks {
		if ticks[i], err = strconv.ParseInt(fields[11+i], 10, 64); err != nil {
			return 0, 0, err
		}
	}
	return time.Duration(ticks[0]+ticks[1]) * tick, time.Duration(ticks[2]+ticks[3]) * tick, nil
}
