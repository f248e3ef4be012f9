<?php

// To be merged into the application's config/services.php.
return [
    'seatcast' => [
        // For PHP: may be an address that only the back end reaches.
        'url' => env('SEATCAST_URL', 'http://127.0.0.1:8080'),
        // For browsers.
        'public_url' => rtrim(env('SEATCAST_PUBLIC_URL', env('SEATCAST_URL', 'http://127.0.0.1:8080')), '/'),
    ],
];
