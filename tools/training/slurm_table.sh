#!/bin/bash
# Trains the rows of the paper's table as a Slurm job array, one GPU a task, two seeds a row.
#
#   sbatch --array=1-10 tools/training/slurm_table.sh                      # five rows, two seeds
#   sbatch --array=1-2 tools/training/slurm_table.sh --rows full --set train.steps=100000
#
# Runs go on from their last checkpoint when the same line is submitted again.
#SBATCH --job-name=exshot-table
#SBATCH --gres=gpu:1
#SBATCH --cpus-per-task=16
#SBATCH --mem=48G
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
set -euo pipefail

index=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))
count=$((SLURM_ARRAY_TASK_MAX - SLURM_ARRAY_TASK_MIN + 1))

export EXSHOT_STUDIO_CACHE=${EXSHOT_STUDIO_CACHE:-$HOME/exshot/studio}
export EXSHOT_TRAIN_CACHE=${EXSHOT_TRAIN_CACHE:-$HOME/exshot/train}

# One core stays free for the process that trains.
python -m exshot_train.table --shard "$index/$count" \
    --set "data.workers=$((SLURM_CPUS_PER_TASK - 1))" "$@"
