"""What HTTP and signatures see: requests judged, answers sealed, faults, the fronts themselves."""
