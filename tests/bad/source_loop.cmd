*ng_script
echo first
source source_loop.cmd
