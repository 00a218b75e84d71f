// NetlinkNetfilter
