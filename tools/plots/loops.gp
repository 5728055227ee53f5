# Pinched hysteresis loops: gnuplot -e "data='taox_loop.csv'; out='loops.png'" loops.gp
# The CSV holds time, three voltages, three currents and three states (netlists/taox_loop.cir).
set terminal pngcairo size 1200,500 font "DejaVu Sans,11"
set output out
set datafile separator ","
set multiplot layout 1,2 margins 0.08,0.97,0.13,0.88 spacing 0.1
set grid lc rgb "#dddddd"
set border lc rgb "#444444"
set key top left reverse Left samplen 2
set title "One period of a 0.52 V sine at three frequencies"
set xlabel "voltage (V)"
set ylabel "current (mA)"
set xzeroaxis lt 1 lc rgb "#888888"
set yzeroaxis lt 1 lc rgb "#888888"
last(period, value) = column(1) >= 30e-6 - period ? value : NaN
plot data using (last(10e-6, column(2))):(1e3 * column(5)) every ::1 with lines lw 2 lc rgb "#c0392b" title "100 kHz", \
     data using (last(1e-6, column(3))):(1e3 * column(6)) every ::1 with lines lw 2 lc rgb "#2471a3" title "1 MHz", \
     data using (last(0.1e-6, column(4))):(1e3 * column(7)) every ::1 with lines lw 2 lc rgb "#1e8449" title "10 MHz"
set title "The state behind the loops, over the same period"
set xlabel "time (periods of the drive)"
set ylabel "state x (1)"
set xrange [0:1]
set yrange [0.1:0.55]
set key top right noreverse
since(period) = (column(1) - 30e-6) / period + 1
plot data using (since(10e-6)):(last(10e-6, column(8))) every ::1 with lines lw 2 lc rgb "#c0392b" title "100 kHz", \
     data using (since(1e-6)):(last(1e-6, column(9))) every ::1 with lines lw 2 lc rgb "#2471a3" title "1 MHz", \
     data using (since(0.1e-6)):(last(0.1e-6, column(10))) every ::1 with lines lw 2 lc rgb "#1e8449" title "10 MHz"
unset multiplot
