// NetlinkRoute
